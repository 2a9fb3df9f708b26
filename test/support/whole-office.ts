// A demonstration's office, whole and real, in the test's own process: store, authority, issuance desk, server, jobs and socket as `sceau office --demo`
// puts them together; with what a test needs beside it: the store, the log, officers and holders with attested tokens.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { toPem } from "../../cli/certificates.ts";
import { demoTokens } from "../../cli/demo-tokens.ts";
import { StateFolder } from "../../cli/state-folder.ts";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { AdminClient } from "../../office/admin/admin-client.ts";
import type { InvitationAnswer } from "../../office/admin/admin-protocol.ts";
import { demoStart, demoTrustFile, fillDemo } from "../../office/demo/demo.ts";
import { AuthorityFolder } from "../../office/issuance/authority-folder.ts";
import type { IssuanceDesk } from "../../office/issuance/issuance-desk.ts";
import type { PersonProfile } from "../../office/issuance/profiles.ts";
import { type RunningOffice, startOffice } from "../../office/office.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import type { Role } from "../../office/registration/roles.ts";
import { organisations } from "../../office/store/schema.ts";
import type { Store } from "../../office/store/store.ts";
import { freePort } from "./office-process.ts";
import type { STORE_KINDS } from "./office-stores.ts";
import { OfficerClient } from "./officer-client.ts";
import { type RunningPostgres, startPostgres } from "./postgres.ts";
import { type Holder, newHolder } from "./token-holder.ts";

/** A demonstration makes ten tokens and their keys; longer on a machine with much to do. */
export const WHOLE_OFFICE_START_LIMIT_MS = 300_000;
const FIRST_SERIAL = 70_000_001;
const clock = { now: () => new Date() };

interface Parts {
  readonly office: RunningOffice;
  readonly store: Store;
  readonly desk: IssuanceDesk;
  readonly socket: string;
  readonly root: AttestationRoot;
  readonly postgres: RunningPostgres | null;
  /** Lines, as JSON. */
  readonly log: string[];
}

export class WholeOffice {
  readonly #parts: Parts;
  #made = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param folder empty, and with a short path: sockets are in it */
  static async open(kind: (typeof STORE_KINDS)[number], folder: string): Promise<WholeOffice> {
    const postgres = kind === "postgresql" ? await startPostgres() : null;
    const own = new OfficeFolder(join(folder, "office-demo"));
    const authorityFolder = join(folder, "office-demo", "ca");
    const log: string[] = [];
    let opened: Store | null = null;
    const office = await startOffice({
      folder: own.root,
      authorityFolder,
      databaseUrl: postgres === null ? null : await postgres.newDatabase(),
      host: "127.0.0.1",
      port: await freePort(),
      publicUrl: null,
      tls: null,
      isDemo: true,
      first: { organisation: "Bureau", country: "FR", givenName: "Anne", surname: "Un", email: "officer@localhost", language: "fr" },
      clock,
      simulatorRoots: () => [],
      authorityMade: () => {},
      progress: () => {},
      logLevel: "info",
      logTo: { write: (line) => void log.push(line) },
      fillDemo: async (store, { host, port }) => {
        opened = store;
        const now = clock.now();
        const tokens = await demoTokens(new StateFolder(folder, {}), join(own.root, "factory"), demoStart(now));
        writeFileSync(demoTrustFile(own.trust), toPem(tokens.root));
        await fillDemo({ store, authorityFolder, publicUrl: `http://${host}:${port}`, now, tokens });
      },
    });
    const store = opened as Store | null;
    if (store === null) throw new Error("a demonstration without a store");
    const root = await createRoot(join(folder, "factory"), "test", clock.now());
    writeFileSync(join(own.trust, "test.pem"), root.certificate.toString("pem"));
    const trust = { isDemo: true, roots: own.trustedRoots() };
    const desk = { store, authority: AuthorityFolder.open(authorityFolder), clock, trust };
    return new WholeOffice({ office, store, desk, socket: own.socket, root, postgres, log });
  }

  /** http://127.0.0.1:…, as its certificates have it. */
  get url(): string {
    return this.#parts.office.publicUrl;
  }

  get store(): Store {
    return this.#parts.store;
  }

  /** Another server's, over the same store and authority. */
  get desk(): IssuanceDesk {
    return this.#parts.desk;
  }

  get log(): readonly string[] {
    return this.#parts.log;
  }

  get admin(): AdminClient {
    return new AdminClient(this.#parts.socket);
  }

  /** Invited, with a token of their own; their certificate is active. */
  async officer(roles: readonly Role[], names: { givenName?: string; surname?: string } = {}): Promise<OfficerClient> {
    const number = ++this.#made;
    const who = { givenName: "Camille", surname: "Dupont", ...names, email: `camille.${number}@exemple.fr`, language: "fr" as const };
    const { code } = await this.admin.post<InvitationAnswer>("/officers", { ...who, roles });
    const officer = await OfficerClient.withToken(this.url, FIRST_SERIAL + number, this.#parts.root);
    const { status, body } = await officer.finish(await officer.order(code));
    if (status !== 200) throw new Error(`enrolment: ${status} ${JSON.stringify(body)}`);
    await officer.prove(body);
    return officer;
  }

  /** Somebody of an open organisation whose token has an active certificate. */
  async holder(profile: PersonProfile = "SIGN-LCP", names: { givenName?: string; surname?: string } = {}): Promise<Holder> {
    const { desk, root, store } = this.#parts;
    const [organisation] = await store.db.select().from(organisations).where(eq(organisations.state, "open")).limit(1);
    if (organisation === undefined) throw new Error("no open organisation");
    const { id: organisationId, officeId } = organisation;
    const serial = FIRST_SERIAL + ++this.#made;
    const holder = await newHolder({ desk, root, serial, organisationId, officeId, profile, ...names });
    await holder.certify();
    return holder;
  }

  async close(): Promise<void> {
    await this.#parts.office.close();
    await this.#parts.postgres?.stop();
  }
}

// A demonstration's office, whole and real, in the test's own process: store, authority, issuance desk, server, jobs and socket as `sceau office --demo`
// puts them together; with what a test needs beside it: the store, the log, officers and holders with attested tokens.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { toPem } from "../../cli/certificates.ts";
import { DEMO_PIN, demoTokens } from "../../cli/demo-tokens.ts";
import { StateFolder } from "../../cli/state-folder.ts";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { AdminClient } from "../../office/admin/admin-client.ts";
import type { InvitationAnswer } from "../../office/admin/admin-protocol.ts";
import type { ApplicationDesk } from "../../office/applications/application-desk.ts";
import { demoStart, demoTrustFile, fillDemo } from "../../office/demo/demo.ts";
import { AuthorityFolder } from "../../office/issuance/authority-folder.ts";
import type { Clock } from "../../office/issuance/clock.ts";
import type { IssuanceDesk } from "../../office/issuance/issuance-desk.ts";
import type { PersonProfile } from "../../office/issuance/profiles.ts";
import { folderMailer } from "../../office/mail/folder-mailer.ts";
import { type OfficeConfig, type RunningOffice, startOffice } from "../../office/office.ts";
import { openSealing } from "../../office/process/data-key.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import type { Role } from "../../office/registration/roles.ts";
import { organisations } from "../../office/store/schema.ts";
import type { Store } from "../../office/store/store.ts";
import { freePort } from "./office-process.ts";
import type { STORE_KINDS } from "./office-stores.ts";
import { OfficerClient } from "./officer-client.ts";
import { copyTemplate } from "./pglite-template.ts";
import { type RunningPostgres, startPostgres } from "./postgres.ts";
import { type Holder, newHolder } from "./token-holder.ts";

/** A demonstration makes ten tokens and their keys; longer on a machine with much to do. */
export const WHOLE_OFFICE_START_LIMIT_MS = 300_000;
const FIRST_SERIAL = 70_000_001;

export interface WholeOfficeOptions {
  /** Fills the empty store, in place of a demonstration's content; it may leave the authority to the office's own start. */
  readonly fill?: NonNullable<OfficeConfig["fillDemo"]>;
  readonly clock?: Clock;
  /** How often jobs are looked for; mails are among them. */
  readonly jobsEveryMs?: number;
}

interface Parts {
  readonly folder: OfficeFolder;
  readonly office: RunningOffice;
  readonly store: Store;
  readonly desk: IssuanceDesk;
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
  static async open(kind: (typeof STORE_KINDS)[number], folder: string, options: WholeOfficeOptions = {}): Promise<WholeOffice> {
    const { clock = { now: () => new Date() }, jobsEveryMs } = options;
    const postgres = kind === "postgresql" ? await startPostgres() : null;
    const own = new OfficeFolder(join(folder, "office-demo"));
    const authorityFolder = join(folder, "office-demo", "ca");
    const log: string[] = [];
    if (postgres === null) await copyTemplate(own.database);
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
      ...(jobsEveryMs !== undefined && { jobsEveryMs }),
      fillDemo: async (store, config) => {
        opened = store;
        if (options.fill !== undefined) return options.fill(store, config);
        const { host, port } = config;
        const now = clock.now();
        const tokens = await demoTokens(new StateFolder(folder, {}), join(own.root, "factory"), demoStart(now));
        writeFileSync(demoTrustFile(own.trust), toPem(tokens.root));
        const mailer = (at: Clock) => folderMailer(own.mails, "office@localhost", at);
        const parts = { sealing: openSealing(own), mailer, answerWord: DEMO_PIN };
        await fillDemo({ store, authorityFolder, publicUrl: `http://${host}:${port}`, now, tokens, ...parts });
      },
    });
    const store = opened as Store | null;
    if (store === null) throw new Error("a demonstration without a store");
    const root = await createRoot(join(folder, "factory"), "test", clock.now());
    writeFileSync(join(own.trust, "test.pem"), root.certificate.toString("pem"));
    const trust = { isDemo: true, roots: own.trustedRoots() };
    const desk = { store, authority: AuthorityFolder.open(authorityFolder), clock, trust };
    return new WholeOffice({ folder: own, office, store, desk, root, postgres, log });
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

  /** The root that vouches for the tokens of this test. */
  get root(): AttestationRoot {
    return this.#parts.root;
  }

  /** The folder of .eml files. */
  get mails(): string {
    return this.#parts.folder.mails;
  }

  /** For the rules of applications, asked directly. */
  get applications(): ApplicationDesk {
    const { folder, store, desk } = this.#parts;
    return { store, clock: desk.clock, sealing: openSealing(folder), publicUrl: this.url };
  }

  get log(): readonly string[] {
    return this.#parts.log;
  }

  get admin(): AdminClient {
    return new AdminClient(this.#parts.folder.socket);
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

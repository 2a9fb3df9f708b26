// A demonstration's office as a process of its own on a PostgreSQL of its own that writes to the disk (fsync), and what is done before the clock starts:
// invitations, people, tokens, their keys. Beside the process a second desk, over the same database and authority, issues the SIGN certificates.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { AdminClient } from "../../office/admin/admin-client.ts";
import type { InvitationAnswer } from "../../office/admin/admin-protocol.ts";
import { AuthorityFolder } from "../../office/issuance/authority-folder.ts";
import type { IssuanceDesk } from "../../office/issuance/issuance-desk.ts";
import { organisations } from "../../office/store/schema.ts";
import { openPostgres } from "../../office/store/store.ts";
import { freePort, OfficeProcess } from "../support/office-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { newHolder } from "../support/token-holder.ts";
import { PROXY_ADDRESS } from "./proxied-computer.ts";
import { type PreparedRequest, prepareRequest } from "./requester.ts";

const FIRST_SERIAL = 60_000_001;
const FIRST_HOLDER_SERIAL = 65_000_001;
/** `sceau office --demo` keeps its own things apart. */
const DEMO_FOLDER = "office-demo";
/** One in so many certificates is revoked. */
export const REVOKED_ONE_IN = 2;

interface Parts {
  readonly folder: string;
  readonly process: OfficeProcess;
  readonly database: string;
  readonly postgres: RunningPostgres;
  readonly root: AttestationRoot;
  readonly desk: IssuanceDesk;
}

/** One of the office's servers; the first makes the demonstration. Whoever asks from PROXY_ADDRESS may say for whom. */
async function startServer(state: string, database: string): Promise<OfficeProcess> {
  const args = ["--trusted-proxy", PROXY_ADDRESS];
  return OfficeProcess.start({ state, port: await freePort(), isDemo: true, args, env: { DATABASE_URL: database } });
}

export class LoadedOffice {
  readonly folder: string;
  readonly process: OfficeProcess;
  readonly database: string;
  readonly #postgres: RunningPostgres;
  /** Of the tokens. */
  readonly root: AttestationRoot;
  readonly #desk: IssuanceDesk;
  readonly #more: OfficeProcess[] = [];
  #made = 0;

  private constructor({ folder, process, database, postgres, root, desk }: Parts) {
    this.folder = folder;
    this.process = process;
    this.database = database;
    this.#postgres = postgres;
    this.root = root;
    this.#desk = desk;
  }

  static async open(): Promise<LoadedOffice> {
    const folder = mkdtempSync(join(tmpdir(), "sceau-load-"));
    const postgres = await startPostgres({ isDurable: true });
    try {
      const database = await postgres.newDatabase();
      const state = join(folder, "s");
      const office = await startServer(state, database);
      const root = await createRoot(join(folder, "factory"), "bench", new Date());
      writeFileSync(join(state, DEMO_FOLDER, "trust", "bench.pem"), root.certificate.toString("pem"));
      const store = await openPostgres(database);
      const trust = { isDemo: true, roots: [new Uint8Array(root.certificate.rawData)] };
      const authority = AuthorityFolder.open(join(state, DEMO_FOLDER, "ca"));
      const desk = { store, authority, clock: { now: () => new Date() }, trust };
      return new LoadedOffice({ folder, process: office, database, postgres, root, desk });
    } catch (error) {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.process.ready.url;
  }

  /** What its servers share. */
  get state(): string {
    return join(this.folder, "s");
  }

  /** A .eml each. */
  get mails(): string {
    return join(this.state, DEMO_FOLDER, "mails");
  }

  get admin(): AdminClient {
    return new AdminClient(join(this.state, DEMO_FOLDER, "office.sock"));
  }

  /** Another one over the same folder and database. */
  async addServer(): Promise<OfficeProcess> {
    const server = await startServer(this.state, this.database);
    this.#more.push(server);
    return server;
  }

  /** For one requester. */
  async prepare(requests: number): Promise<PreparedRequest[]> {
    const prepared: PreparedRequest[] = [];
    const desk = this.#desk;
    const [organisation] = await desk.store.db.select().from(organisations).where(eq(organisations.state, "open")).limit(1);
    if (organisation === undefined) throw new Error("no open organisation");
    const { id: organisationId, officeId } = organisation;
    for (let i = 0; i < requests; i++) {
      const number = this.#made++;
      const names = { givenName: "Essai", surname: `Numéro ${number}`, email: `essai.${number}@example.org` };
      const { code } = await this.admin.post<InvitationAnswer>("/officers", { ...names, language: "fr", roles: ["issuer"] });
      const of = { desk, root: this.root, organisationId, officeId, serial: FIRST_HOLDER_SERIAL + number, profile: "SIGN-LCP" } as const;
      prepared.push(await prepareRequest(code, FIRST_SERIAL + number, this.root, await newHolder(of), number % REVOKED_ONE_IN === 0));
    }
    return prepared;
  }

  async close(): Promise<void> {
    try {
      await this.#desk.store.close();
      for (const server of [...this.#more, this.process]) await server.stop();
    } finally {
      await this.#postgres.stop();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

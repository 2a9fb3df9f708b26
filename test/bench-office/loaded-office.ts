// A demonstration's office as a process of its own on a PostgreSQL of its own that writes to the disk (fsync), and what is done before the clock starts:
// invitations, tokens, their keys.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { AdminClient } from "../../office/admin/admin-client.ts";
import type { InvitationAnswer } from "../../office/admin/admin-protocol.ts";
import { freePort, OfficeProcess } from "../support/office-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { type PreparedRequest, prepareRequest } from "./requester.ts";

const FIRST_SERIAL = 60_000_001;
/** `sceau office --demo` keeps its own things apart. */
const DEMO_FOLDER = "office-demo";
/** One in so many certificates is revoked. */
export const REVOKED_ONE_IN = 2;

export class LoadedOffice {
  readonly folder: string;
  readonly process: OfficeProcess;
  readonly database: string;
  readonly #postgres: RunningPostgres;
  readonly #root: AttestationRoot;
  #made = 0;

  private constructor(folder: string, process: OfficeProcess, database: string, postgres: RunningPostgres, root: AttestationRoot) {
    this.folder = folder;
    this.process = process;
    this.database = database;
    this.#postgres = postgres;
    this.#root = root;
  }

  static async open(): Promise<LoadedOffice> {
    const folder = mkdtempSync(join(tmpdir(), "sceau-load-"));
    const postgres = await startPostgres({ isDurable: true });
    try {
      const database = await postgres.newDatabase();
      const state = join(folder, "s");
      const office = await OfficeProcess.start({ state, port: await freePort(), isDemo: true, env: { DATABASE_URL: database } });
      const root = await createRoot(join(folder, "factory"), "bench", new Date());
      writeFileSync(join(state, DEMO_FOLDER, "trust", "bench.pem"), root.certificate.toString("pem"));
      return new LoadedOffice(folder, office, database, postgres, root);
    } catch (error) {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.process.ready.url;
  }

  get admin(): AdminClient {
    return new AdminClient(join(this.folder, "s", DEMO_FOLDER, "office.sock"));
  }

  /** For one requester. */
  async prepare(requests: number): Promise<PreparedRequest[]> {
    const prepared: PreparedRequest[] = [];
    for (let i = 0; i < requests; i++) {
      const number = this.#made++;
      const names = { givenName: "Essai", surname: `Numéro ${number}`, email: `essai.${number}@example.org` };
      const { code } = await this.admin.post<InvitationAnswer>("/officers", { ...names, language: "fr", roles: ["issuer"] });
      prepared.push(await prepareRequest(code, FIRST_SERIAL + number, this.#root, number % REVOKED_ONE_IN === 0));
    }
    return prepared;
  }

  async close(): Promise<void> {
    try {
      await this.process.stop();
    } finally {
      await this.#postgres.stop();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

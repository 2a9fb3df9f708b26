// LibreOffice without a screen as a signer of PDFs: an NSS database that has the token's module, and a run of libreoffice-sign.py.

import { join } from "node:path";
import { nssDatabase } from "./pdf-judges.ts";
import { mustRun, ROOT } from "./run.ts";
import type { Workbench } from "./workbench.ts";

const SCRIPT = join(ROOT, "test", "support", "libreoffice-sign.py");
/** Debian's own interpreter: python3-uno is a package of it. */
const PYTHON = "/usr/bin/python3";

export interface LibreOfficeJob {
  readonly pdf: string;
  /** Serial number, hexadecimal. */
  readonly certificate: string;
  /** What is typed into LibreOffice's dialog; null: nobody is there. */
  readonly answer: string | null;
  /** The export's own password field. */
  readonly password: string | null;
}

export interface LibreOfficeRun {
  readonly asked: number;
  readonly certificates: readonly string[];
  readonly error: string | null;
}

/** An NSS database as a person has it who added the module to Firefox's or LibreOffice's profile. The answer is its folder. */
export function databaseWithToken(bench: Workbench): string {
  const database = nssDatabase(bench.folder, bench.rootPem);
  mustRun("certutil", ["-A", "-d", `sql:${database}`, "-n", "issuing", "-t", ",,", "-i", bench.issuingPem]);
  mustRun("modutil", ["-dbdir", `sql:${database}`, "-add", "Sceau", "-libfile", bench.module, "-force"], { env: bench.environment });
  return database;
}

export function signWithLibreOffice(bench: Workbench, database: string, job: LibreOfficeJob): LibreOfficeRun {
  const env = { ...bench.environment, HOME: bench.folder, MOZILLA_CERTIFICATE_FOLDER: database };
  const input = JSON.stringify({ ...job, profile: bench.path("libreoffice") });
  return JSON.parse(mustRun(PYTHON, [SCRIPT], { env, input })) as LibreOfficeRun;
}

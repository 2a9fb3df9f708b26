// A folder for one test file, gone when the file is done.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** To be called at the head of a test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sceau-unit-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

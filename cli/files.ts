// Reading what one is given and writing what one makes: an output appears whole or not at all, and never over a file that is there.

import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "./usage-error.ts";

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** @throws UsageError no-such-file, not-readable */
export function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new UsageError(errorCode(cause) === "ENOENT" ? "no-such-file" : "not-readable", path, { cause });
  }
}

/** Told before the work begins, so that nobody enters a PIN in vain. @throws UsageError output-exists */
export function checkOutputIsFree(path: string): void {
  if (existsSync(path)) throw new UsageError("output-exists", path);
}

/**
 * Writes beside the output and then gives it its name, which fails when somebody else has taken it meanwhile.
 * @throws UsageError output-exists
 */
export function writeOutput(path: string, bytes: Uint8Array | string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  try {
    writeFileSync(fresh, bytes, { mode, flag: "wx" });
    linkSync(fresh, path);
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") throw new UsageError("output-exists", path, { cause });
    throw cause;
  } finally {
    rmSync(fresh, { force: true });
  }
}

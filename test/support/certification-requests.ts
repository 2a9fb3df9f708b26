// PKCS#10 requests for tests: by openssl, of any key.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun } from "./run.ts";

export interface RequestOptions {
  /** What `openssl req -newkey` takes. */
  readonly newKey?: readonly string[];
}

export const P256_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

const made = new Map<string, Uint8Array>();

/** One of each kind is enough: it is made once. */
export async function requestBytes({ newKey = P256_KEY }: RequestOptions = {}): Promise<Uint8Array> {
  const known = made.get(newKey.join(" "));
  if (known !== undefined) return new Uint8Array(known);
  const folder = mkdtempSync(join(tmpdir(), "sceau-csr-"));
  try {
    const files = ["-keyout", join(folder, "key"), "-out", join(folder, "csr")];
    mustRun("openssl", ["req", "-new", "-nodes", ...newKey, "-subj", "/CN=Anyone", "-outform", "DER", ...files]);
    const request = new Uint8Array(readFileSync(join(folder, "csr")));
    made.set(newKey.join(" "), request);
    return new Uint8Array(request);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

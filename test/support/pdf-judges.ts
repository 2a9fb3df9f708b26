// The outside judges of a signed PDF: pdfsig over NSS, openssl cms and openssl verify.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun, type Outcome, run } from "./run.ts";

/** An NSS database that trusts one root. */
export function nssDatabase(folder: string, rootPem: string): string {
  const database = join(folder, "nss");
  mkdirSync(database, { recursive: true });
  mustRun("certutil", ["-N", "-d", `sql:${database}`, "--empty-password"]);
  mustRun("certutil", ["-A", "-d", `sql:${database}`, "-n", "root", "-t", "CT,C,C", "-i", rootPem]);
  return database;
}

/** Nothing answers at the addresses of the certificates yet: no OCSP. */
export function pdfsig(database: string, pdf: string): string {
  return run("pdfsig", ["-no-ocsp", "-nssdir", `sql:${database}`, pdf]).stdout;
}

export interface ExtractedSignature {
  readonly cms: string;
  readonly content: string;
}

/** Every signature's CMS and the bytes that it covers, cut out by /ByteRange alone. */
export function extractSignatures(pdf: string, folder: string): ExtractedSignature[] {
  const file = readFileSync(pdf);
  const ranges = [...file.toString("latin1").matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)];
  return ranges.map((match, index) => {
    const [start = 0, length = 0, rest = 0, restLength = 0] = match.slice(1).map(Number);
    const padded = Buffer.from(file.subarray(start + length + 1, rest - 1).toString("latin1"), "hex");
    const count = padded.readUInt8(1) & 0x7f;
    // LibreOffice writes an indefinite length (X.690 §8.1.3.6): what follows the CMS is then for openssl to leave.
    const end = count === 0 ? padded.length : 2 + count + padded.readUIntBE(2, count);
    const [cms, content] = [join(folder, `signature-${index}.cms`), join(folder, `signature-${index}.bin`)];
    writeFileSync(cms, padded.subarray(0, end));
    writeFileSync(content, Buffer.concat([file.subarray(start, start + length), file.subarray(rest, rest + restLength)]));
    return { cms, content };
  });
}

export function opensslCms(signature: ExtractedSignature, rootPem: string): Outcome {
  const { cms, content } = signature;
  const files = ["-in", cms, "-content", content, "-CAfile", rootPem, "-out", "/dev/null"];
  return run("openssl", ["cms", "-verify", "-binary", "-cades", "-inform", "DER", "-purpose", "any", ...files]);
}

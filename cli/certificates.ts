// Certificates in files: PEM (one or several) or DER.

import { type JsonWebKey, X509Certificate } from "node:crypto";
import { readInput } from "./files.ts";
import { UsageError } from "./usage-error.ts";

/** SEC 1 §2.3.3. */
const UNCOMPRESSED = 4;
const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** @returns DER. @throws UsageError bad-certificate */
export function readCertificates(path: string): Uint8Array[] {
  const bytes = Buffer.from(readInput(path));
  const blocks = bytes.toString("latin1").match(PEM_BLOCK) ?? [bytes];
  try {
    return blocks.map((block) => new Uint8Array(new X509Certificate(block).raw));
  } catch (cause) {
    throw new UsageError("bad-certificate", path, { cause });
  }
}

/** The P-256 or P-384 key that a certificate is for, as an uncompressed point; null: it is for another kind of key. */
export function certifiedPoint(der: Uint8Array): Uint8Array | null {
  let key: JsonWebKey;
  try {
    key = new X509Certificate(der).publicKey.export({ format: "jwk" });
  } catch {
    return null; // a point off the curve, a kind of key that OpenSSL does not know
  }
  if ((key.crv !== "P-256" && key.crv !== "P-384") || key.x === undefined || key.y === undefined) return null;
  return new Uint8Array([UNCOMPRESSED, ...Buffer.from(key.x, "base64url"), ...Buffer.from(key.y, "base64url")]);
}

export function toPem(der: Uint8Array, label = "CERTIFICATE"): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

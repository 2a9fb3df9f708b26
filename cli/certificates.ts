// Certificates in files: PEM (one or several) or DER.

import { X509Certificate } from "node:crypto";
import { readInput } from "./files.ts";
import { UsageError } from "./usage-error.ts";

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

export function toPem(der: Uint8Array, label = "CERTIFICATE"): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

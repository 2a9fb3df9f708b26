// Whether what was made are signatures: openssl says.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { p256Point } from "../support/ec-keys.ts";
import { mustRun } from "../support/run.ts";
import type { MadeSignature } from "./programs.ts";

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** Of CKA_EC_POINT: OCTET STRING, length, then the point. */
const POINT_HEADER_BYTES = 2;

/** A positive INTEGER as DER wants it: no zeros in front but the one that keeps it positive. */
function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first);
  return encodeTlv(INTEGER, [new Uint8Array((digits[0] ?? 0) & 0x80 ? 1 : 0), digits]);
}

/** Ecdsa-Sig-Value of r ‖ s. */
function derSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return encodeTlv(SEQUENCE, [integer(raw.subarray(0, half)), integer(raw.subarray(half))]);
}

/** @throws with what openssl says unless the signature is a good one */
export function mustVerify({ point, digest, signature }: MadeSignature): void {
  const folder = mkdtempSync(join(tmpdir(), "sceau-bench-signature-"));
  const write = (name: string, content: Uint8Array | string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  try {
    const key = p256Point(hexToBytes(point).subarray(POINT_HEADER_BYTES)).export({ format: "pem", type: "spki" });
    const files = ["-inkey", write("key.pem", key), "-in", write("digest", hexToBytes(digest))];
    mustRun("openssl", ["pkeyutl", "-verify", "-pubin", ...files, "-sigfile", write("signature", derSignature(hexToBytes(signature)))]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

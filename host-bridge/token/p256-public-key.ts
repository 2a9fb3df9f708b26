// A P-256 public key in the form that certificates carry.

import { concatBytes, hexToBytes } from "../../protocol/bytes.ts";

/** SubjectPublicKeyInfo up to the point (RFC 5480 §2). */
const HEAD = hexToBytes("3059301306072a8648ce3d020106082a8648ce3d030107034200");

/** @param point uncompressed, 65 bytes. The answer is SubjectPublicKeyInfo, DER */
export function subjectPublicKeyInfo(point: Uint8Array): Uint8Array {
  return concatBytes([HEAD, point]);
}

// An elliptic public key in the form that certificates carry; its curve follows from the length of its point.

import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { concatBytes, equalBytes, hexToBytes } from "../../protocol/bytes.ts";

/** SubjectPublicKeyInfo up to the point (RFC 5480 §2), by the length of the uncompressed point. */
const HEADS: ReadonlyMap<number, Uint8Array> = new Map([
  [65, hexToBytes("3059301306072a8648ce3d020106082a8648ce3d030107034200")], // P-256
  [97, hexToBytes("3076301006072a8648ce3d020106052b81040022036200")], // P-384
]);

/**
 * @param point uncompressed: 65 bytes (P-256) or 97 (P-384)
 * @returns SubjectPublicKeyInfo, DER
 * @throws RangeError at another length
 */
export function subjectPublicKeyInfo(point: Uint8Array): Uint8Array {
  const head = HEADS.get(point.length);
  if (head === undefined) throw new RangeError(`no curve has a point of ${point.length} bytes`);
  return concatBytes([head, point]);
}

/** The uncompressed point in a certificate (DER); null: it is no certificate, or of no key on P-256 or P-384. */
export function certifiedPoint(certificate: Uint8Array): Uint8Array | null {
  let info: Uint8Array;
  try {
    info = new Uint8Array(new X509Certificate(certificate).publicKey.export({ format: "der", type: "spki" }));
  } catch {
    return null; // no certificate, or a kind of key that OpenSSL does not know
  }
  const found = [...HEADS].find(
    ([pointBytes, head]) => info.length === head.length + pointBytes && equalBytes(info.subarray(0, head.length), head),
  );
  return found === undefined ? null : info.slice(found[1].length);
}

/** The same for node:crypto; null: it is no point of a curve that is known here. */
export function publicKeyOf(point: Uint8Array): KeyObject | null {
  const head = HEADS.get(point.length);
  if (head === undefined) return null;
  try {
    return createPublicKey({ key: Buffer.concat([head, point]), format: "der", type: "spki" });
  } catch {
    return null; // OpenSSL refuses what is not on the curve
  }
}

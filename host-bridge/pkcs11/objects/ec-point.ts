// A point as applications hand it over: CKA_EC_POINT is a DER OCTET STRING around it (2.40 Current Mechanisms §2.3.3), the public data of
// CKM_ECDH1_DERIVE the bare point (§2.3.8); applications and standards have mixed the two up, so both are taken in both places.

import { publicKeyOf } from "../../token/ec-public-key.ts";

const OCTET_STRING = 0x04;
/** SEC 1 §2.3.3. OpenSSL takes the hybrid form (06, 07) for one, too. */
const UNCOMPRESSED = 0x04;

/**
 * The uncompressed point; null: it is none of the curve with fields of this length.
 * @param fieldBytes 32 (P-256) or 48 (P-384)
 */
export function uncompressedPoint(value: Uint8Array, fieldBytes: number): Uint8Array | null {
  const lengthBytes = 1 + 2 * fieldBytes;
  const isWrapped = value.length === lengthBytes + 2 && value[0] === OCTET_STRING && value[1] === lengthBytes;
  const point = isWrapped ? value.subarray(2) : value;
  return point.length === lengthBytes && point[0] === UNCOMPRESSED && publicKeyOf(point) !== null ? point : null;
}

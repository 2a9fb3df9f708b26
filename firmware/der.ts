// DER (ITU-T X.690) as the token writes and reads it: certificates.

import { encodeTlv, parseTlvs } from "../protocol/ber-tlv.ts";
import { concatBytes, hexToBytes, writeUint32 } from "../protocol/bytes.ts";
import { MalformedError } from "../protocol/malformed.ts";
import { ALG_P256 } from "../protocol/piv.ts";

export const DER_BOOLEAN = 0x01;
export const DER_INTEGER = 0x02;
export const DER_BIT_STRING = 0x03;
export const DER_OCTET_STRING = 0x04;
export const DER_OBJECT_IDENTIFIER = 0x06;
export const DER_UTF8_STRING = 0x0c;
export const DER_SEQUENCE = 0x30;
/** [0] and [3] of TBSCertificate (RFC 5280 §4.1): version and extensions. */
export const DER_VERSION = 0xa0;
export const DER_EXTENSIONS = 0xa3;

/** SubjectPublicKeyInfo up to the point (RFC 5480 §2): P-256 and P-384. */
const P256_KEY_INFO = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const P384_KEY_INFO = "3076301006072a8648ce3d020106052b81040022036200";

/** INTEGER of an unsigned number of up to 32 bits: the shortest form, with a zero before a first bit that is set (§8.3). */
export function derUnsigned(value: number): Uint8Array {
  const bytes = new Uint8Array(5);
  writeUint32(bytes, 1, value);
  let start = 0;
  while (start < 4 && bytes[start] === 0 && bytes[start + 1] < 0x80) start++;
  return encodeTlv(DER_INTEGER, [bytes.subarray(start)]);
}

export function derSequence(parts: readonly Uint8Array[]): Uint8Array {
  return encodeTlv(DER_SEQUENCE, parts);
}

/**
 * The values of the elements in `bytes`, which must have exactly these tags.
 * @throws MalformedError
 */
export function derElements(bytes: Uint8Array, tags: readonly number[]): Uint8Array[] {
  const list = parseTlvs(bytes, tags.length);
  if (list.length !== tags.length) throw new MalformedError("another number of elements was expected");
  return list.map((tlv, index) => {
    if (tlv.tag !== tags[index]) throw new MalformedError("another element was expected");
    return tlv.value;
  });
}

/** SubjectPublicKeyInfo of a point. @param algorithm ALG_P256 or ALG_P384 */
export function publicKeyInfo(algorithm: number, point: Uint8Array): Uint8Array {
  return concatBytes([hexToBytes(algorithm === ALG_P256 ? P256_KEY_INFO : P384_KEY_INFO), point]);
}

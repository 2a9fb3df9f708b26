// What PKCS#11 says of the token's key algorithms.

import { equalBytes, hexToBytes } from "../../../protocol/bytes.ts";
import { ALG_P256, ALG_P384 } from "../../../protocol/piv.ts";

export interface EcAlgorithm {
  /** SP 800-78-5 table 6-2. */
  readonly id: number;
  /** CKA_EC_PARAMS: the curve's name (RFC 5480 §2.1.1.1), DER. */
  readonly params: Uint8Array;
  /** Length of the field: of r, of s, and of the longest digest that is signed whole. */
  readonly fieldBytes: number;
}

const ALGORITHMS: readonly EcAlgorithm[] = [
  { id: ALG_P256, params: hexToBytes("06082a8648ce3d030107"), fieldBytes: 32 },
  { id: ALG_P384, params: hexToBytes("06052b81040022"), fieldBytes: 48 },
];

/** CKA_EC_PARAMS may also be the curve's name as a PrintableString (PKCS#11 3.0 §6.3.3). */
const CURVE_NAMES: ReadonlyMap<string, number> = new Map([
  ["secp256r1", ALG_P256],
  ["prime256v1", ALG_P256],
  ["secp384r1", ALG_P384],
]);
const PRINTABLE_STRING = 0x13;

/** The algorithm on the curve that CKA_EC_PARAMS names; null: another one, or no name. */
export function ecAlgorithmOn(params: Uint8Array): EcAlgorithm | null {
  const known = ALGORITHMS.find((candidate) => equalBytes(candidate.params, params));
  if (known !== undefined) return known;
  if (params[0] !== PRINTABLE_STRING || params[1] !== params.length - 2) return null;
  const id = CURVE_NAMES.get(Buffer.from(params.subarray(2)).toString("latin1"));
  return id === undefined ? null : ecAlgorithm(id);
}

export const SMALLEST_CURVE_BITS = 256;
export const LARGEST_CURVE_BITS = 384;

/** null: an algorithm that this version does not show. */
export function ecAlgorithm(id: number): EcAlgorithm | null {
  return ALGORITHMS.find((known) => known.id === id) ?? null;
}

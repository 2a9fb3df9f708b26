// What PKCS#11 says of the token's key algorithms.

import { hexToBytes } from "../../protocol/bytes.ts";
import { ALG_P256, ALG_P384 } from "../../protocol/piv.ts";

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

export const SMALLEST_CURVE_BITS = 256;
export const LARGEST_CURVE_BITS = 384;

/** null: an algorithm that this version does not show. */
export function ecAlgorithm(id: number): EcAlgorithm | null {
  return ALGORITHMS.find((known) => known.id === id) ?? null;
}

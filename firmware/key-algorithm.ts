// The algorithms that a key may have: elliptic curves, each with what the firmware itself must know of it.

import { ALG_P256, ALG_P384 } from "../protocol/piv.ts";
import type { CryptoProvider, Curve } from "./hal.ts";

export interface KeyAlgorithm {
  /** SP 800-78-5 table 6-2. */
  readonly id: number;
  /** Length of the field, of a private key and of the longest digest. */
  readonly fieldBytes: number;
  readonly curve: Curve;
}

/** The algorithm with this identifier, or null when this token does not offer it. */
export function keyAlgorithm(crypto: CryptoProvider, id: number): KeyAlgorithm | null {
  if (id === ALG_P256) return { id, fieldBytes: 32, curve: crypto.p256 };
  if (id === ALG_P384 && crypto.p384 !== null) return { id, fieldBytes: 48, curve: crypto.p384 };
  return null;
}

/** The identifiers of all that this token offers. */
export function offeredAlgorithms(crypto: CryptoProvider): number[] {
  return crypto.p384 === null ? [ALG_P256] : [ALG_P256, ALG_P384];
}

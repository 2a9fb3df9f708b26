// The algorithms that a key may have: elliptic curves, each with what the firmware itself must know of it.

import { hexToBytes } from "../protocol/bytes.ts";
import { ALG_P256, ALG_P384 } from "../protocol/piv.ts";
import type { CryptoProvider, Curve } from "./hal.ts";

export interface KeyAlgorithm {
  /** SP 800-78-5 table 6-2. */
  readonly id: number;
  /** Length of the field, of a private key and of the longest digest. */
  readonly fieldBytes: number;
  /** The order n of the base point (SP 800-186 §3.2.1.3 and §3.2.1.4). */
  readonly order: Uint8Array;
  readonly curve: Curve;
}

// Read once: an interpreter parses digits slowly, and each signature asks for its algorithm three times.
const P256_ORDER = hexToBytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const P384_ORDER = hexToBytes("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");

/** The algorithm with this identifier, or null when this token does not offer it. */
export function keyAlgorithm(crypto: CryptoProvider, id: number): KeyAlgorithm | null {
  if (id === ALG_P256) return { id, fieldBytes: 32, order: P256_ORDER, curve: crypto.p256 };
  if (id === ALG_P384 && crypto.p384 !== null) return { id, fieldBytes: 48, order: P384_ORDER, curve: crypto.p384 };
  return null;
}

/** The identifiers of all that this token offers. */
export function offeredAlgorithms(crypto: CryptoProvider): number[] {
  return crypto.p384 === null ? [ALG_P256] : [ALG_P256, ALG_P384];
}

// An ECDSA signature whose DER has always the same length. Software that reserves room for a signature by making one first (pdfsig
// does) fails when the second is longer, so of the nonces that RFC 6979 gives one after the other, the first is taken whose r and low s
// both fill the field as a DER INTEGER: with f bits, 2^(f−9) ≤ r < 2^(f−1) and 2^(f−9) ≤ s. That costs two attempts on average.

import { concatBytes } from "../protocol/bytes.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import type { KeyAlgorithm } from "./key-algorithm.ts";
import { SwError } from "./sw-error.ts";

/** 1 in 2^128 keys and digests needs more. */
const MAX_ATTEMPTS = 128;

/** order − value, for 0 < value < order. */
function subtractFromOrder(order: Uint8Array, value: Uint8Array): Uint8Array {
  const difference = new Uint8Array(order.length);
  let borrow = 0;
  for (let i = order.length - 1; i >= 0; i--) {
    const digit = order[i] - value[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    difference[i] = digit & 0xff;
  }
  return difference;
}

/** The smaller of s and n − s. Both are public: they are the signature. */
function lowS(order: Uint8Array, s: Uint8Array): Uint8Array {
  const other = subtractFromOrder(order, s);
  for (let i = 0; i < s.length; i++) if (s[i] !== other[i]) return s[i] < other[i] ? s : other;
  return s;
}

/** As many bytes as the field has as a DER INTEGER: no zero in front, no byte to spare. */
function fillsInteger(value: Uint8Array): boolean {
  return value[0] < 0x80 && (value[0] !== 0 || value[1] >= 0x80);
}

/**
 * Signs a digest of up to `fieldBytes` (a shorter one counts as padded with zeros on the left, FIPS 186-5 §6.4.1).
 * The answer is Ecdsa-Sig-Value (RFC 3279 §2.2.3) in DER: always 70 bytes for P-256 and 102 for P-384, always low s.
 */
export function signEcdsa(algorithm: KeyAlgorithm, key: Uint8Array, digest: Uint8Array): Uint8Array {
  const fieldBytes = algorithm.fieldBytes;
  const padded = new Uint8Array(fieldBytes);
  padded.set(digest, fieldBytes - digest.length);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const raw = algorithm.curve.signAttempt(key, padded, attempt);
    const r = raw.subarray(0, fieldBytes);
    const s = lowS(algorithm.order, raw.subarray(fieldBytes, 2 * fieldBytes));
    if (fillsInteger(r) && fillsInteger(s)) {
      const integer = new Uint8Array([0x02, fieldBytes]);
      return concatBytes([new Uint8Array([0x30, 2 * (fieldBytes + 2)]), integer, r, integer, s]);
    }
  }
  throw new SwError(SW_INTERNAL_ERROR);
}

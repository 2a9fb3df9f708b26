// An ECDSA signature whose DER has always the same length. Software that reserves room for a signature by making one first (pdfsig
// does) fails when the second is longer, so of the nonces that RFC 6979 gives one after the other, the first is taken whose r and low s
// both fill 32 bytes of a DER INTEGER: 2^247 ≤ r < 2^255 and 2^247 ≤ s. That costs two attempts on average.

import { concatBytes } from "../protocol/bytes.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import type { CryptoProvider } from "./hal.ts";
import { SwError } from "./sw-error.ts";

const FIELD_BYTES = 32;
/** 1 in 2^128 keys and digests needs more. */
const MAX_ATTEMPTS = 128;

/** The order n of P-256 (SP 800-186 §3.2.1.3). */
const ORDER = new Uint8Array([
  0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3,
  0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
]);

/** n − value, for 0 < value < n. */
function subtractFromOrder(value: Uint8Array): Uint8Array {
  const difference = new Uint8Array(FIELD_BYTES);
  let borrow = 0;
  for (let i = FIELD_BYTES - 1; i >= 0; i--) {
    const digit = ORDER[i] - value[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    difference[i] = digit & 0xff;
  }
  return difference;
}

/** The smaller of s and n − s. Both are public: they are the signature. */
function lowS(s: Uint8Array): Uint8Array {
  const other = subtractFromOrder(s);
  for (let i = 0; i < FIELD_BYTES; i++) if (s[i] !== other[i]) return s[i] < other[i] ? s : other;
  return s;
}

/** 2^247 ≤ value < 2^255: exactly 32 bytes as a DER INTEGER. */
function fillsInteger(value: Uint8Array): boolean {
  return value[0] < 0x80 && (value[0] !== 0 || value[1] >= 0x80);
}

/**
 * Signs a digest of up to 32 bytes (a shorter one counts as padded with zeros on the left, FIPS 186-5 §6.4.1).
 * The answer is Ecdsa-Sig-Value (RFC 3279 §2.2.3) in DER: always 70 bytes, always low s.
 */
export function signP256(crypto: CryptoProvider, key: Uint8Array, digest: Uint8Array): Uint8Array {
  const padded = new Uint8Array(FIELD_BYTES);
  padded.set(digest, FIELD_BYTES - digest.length);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const raw = crypto.signAttempt(key, padded, attempt);
    const r = raw.subarray(0, FIELD_BYTES);
    const s = lowS(raw.subarray(FIELD_BYTES, 2 * FIELD_BYTES));
    if (fillsInteger(r) && fillsInteger(s)) {
      const integer = new Uint8Array([0x02, FIELD_BYTES]);
      return concatBytes([new Uint8Array([0x30, 2 * (FIELD_BYTES + 2)]), integer, r, integer, s]);
    }
  }
  throw new SwError(SW_INTERNAL_ERROR);
}

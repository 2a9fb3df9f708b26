// Of the ECDSA signatures that RFC 6979's nonces give one after the other, the first whose r and low s both fill a DER INTEGER (firmware/hal.ts).
// A board's kernel does the same (firmware/p256/kernel/kernel.c).

/** 1 in 2^128 keys and digests needs more. */
const MAX_ATTEMPTS = 128;

/** r ‖ s by the nonce of one attempt, neither of them normalised. */
export type SignAttempt = (key: Uint8Array, digest: Uint8Array, attempt: number) => Uint8Array;

/** RFC 6979 §3.6: attempt i > 0 adds i, 32 bytes little-endian. */
export function additionalData(attempt: number): Uint8Array | undefined {
  if (attempt === 0) return undefined;
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, attempt, true);
  return bytes;
}

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

/** As many bytes as the field has: no zero in front, no byte to spare. */
function fillsInteger(value: bigint, fieldBytes: number): boolean {
  return value >> BigInt(8 * fieldBytes - 9) !== 0n && value >> BigInt(8 * fieldBytes - 1) === 0n;
}

/** r ‖ s (2f bytes), or null when no attempt fits. @param order n */
export function signFullLength(signAttempt: SignAttempt, order: bigint, key: Uint8Array, digest: Uint8Array): Uint8Array | null {
  const f = digest.length;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const raw = signAttempt(key, digest, attempt);
    const r = toBigInt(raw.subarray(0, f));
    const s = toBigInt(raw.subarray(f));
    const low = 2n * s > order ? order - s : s;
    if (!fillsInteger(r, f) || !fillsInteger(low, f)) continue;
    return new Uint8Array(Buffer.concat([raw.subarray(0, f), Buffer.from(low.toString(16).padStart(2 * f, "0"), "hex")]));
  }
  return null;
}

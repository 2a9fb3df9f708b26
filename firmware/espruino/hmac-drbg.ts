// HMAC_DRBG with SHA-256 (SP 800-90A Rev. 1 §10.1.2): 256 bits of strength, its HMAC given from outside.

/** HMAC-SHA-256: 32 bytes. The answer is the caller's own, to keep and to wipe. */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

/** Bytes of K, of V, and of what one call of HMAC gives. */
export const OUTPUT_BYTES = 32;

export class HmacDrbg {
  private readonly hmac: Hmac;
  /** K of the standard. */
  private key: Uint8Array;
  /** V of the standard. */
  private value: Uint8Array;
  /** Requests since the last seed: the standard's reseed_counter − 1. How many are allowed, the caller decides (2^48 by the standard). */
  requests = 0;

  /** Instantiate (§10.1.2.3). @param seed entropy input ‖ nonce ‖ personalisation string; stays the caller's, to be wiped */
  constructor(hmac: Hmac, seed: Uint8Array) {
    this.hmac = hmac;
    this.key = new Uint8Array(OUTPUT_BYTES);
    this.value = new Uint8Array(OUTPUT_BYTES).fill(1);
    this.update(seed);
  }

  /** Reseed (§10.1.2.4). @param seed entropy input ‖ additional input; stays the caller's, to be wiped */
  reseed(seed: Uint8Array): void {
    this.update(seed);
    this.requests = 0;
  }

  /**
   * Generate (§10.1.2.5). K and V are others afterwards, so that whoever finds them does not find what was given.
   * @param out filled; at most 65,536 bytes (table 2), which no board has. Of no bytes: only the additional input is mixed in
   * @param additional the additional input; of no bytes: none
   */
  generate(out: Uint8Array, additional: Uint8Array): void {
    if (additional.length > 0) this.update(additional);
    for (let at = 0; at < out.length; at += OUTPUT_BYTES) {
      this.nextValue();
      const wanted = out.length - at;
      out.set(wanted < OUTPUT_BYTES ? this.value.subarray(0, wanted) : this.value, at);
    }
    this.update(additional);
    this.requests++;
  }

  /** Uninstantiate (§9.4). What comes after it is no longer random. */
  wipe(): void {
    this.key.fill(0);
    this.value.fill(0);
  }

  /** HMAC_DRBG_Update (§10.1.2.2). */
  private update(provided: Uint8Array): void {
    this.mix(0, provided);
    if (provided.length > 0) this.mix(1, provided);
  }

  /** K = HMAC(K, V ‖ round ‖ provided), V = HMAC(K, V). */
  private mix(round: number, provided: Uint8Array): void {
    const message = new Uint8Array(OUTPUT_BYTES + 1 + provided.length);
    message.set(this.value, 0);
    message[OUTPUT_BYTES] = round;
    message.set(provided, OUTPUT_BYTES + 1);
    const key = this.hmac(this.key, message);
    message.fill(0);
    this.key.fill(0);
    this.key = key;
    this.nextValue();
  }

  private nextValue(): void {
    const value = this.hmac(this.key, this.value);
    this.value.fill(0);
    this.value = value;
  }
}

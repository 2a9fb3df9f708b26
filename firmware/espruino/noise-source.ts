// A board's noise: tested (health-tests.ts), then conditioned by HMAC-SHA-256, a vetted function (SP 800-90B §3.1.5.1.1).

import { HealthTests } from "./health-tests.ts";
import { type Hmac, OUTPUT_BYTES } from "./hmac-drbg.ts";
import { BLOCK_SAMPLES, type NoiseClaim } from "./noise-claim.ts";

/** The board's noise failed its tests, or has not been tested yet: there is no randomness. */
export class NoiseError {}

/** Any that the noise knows nothing of. */
const CONDITIONER_KEY = new Uint8Array(OUTPUT_BYTES).fill(0x6e);

/** As long as the words of a block. Wiping by `set` takes the interpreter a third of what `fill` does. */
const ZEROS = new Uint8Array(4 * BLOCK_SAMPLES);

export class NoiseSource {
  private readonly draw: () => number;
  private readonly hmac: Hmac;
  private readonly tests: HealthTests;
  private isSound = true;

  /** @param draw one word of 32 bits. `E.hwRand` itself: called by `map`, it costs a tenth of a function in JavaScript */
  constructor(draw: () => number, claim: NoiseClaim, hmac: Hmac) {
    this.draw = draw;
    this.hmac = hmac;
    this.tests = new HealthTests(claim);
  }

  /**
   * 32 bytes made of the next block, which has passed the tests.
   * @throws NoiseError now and ever after when it has not
   */
  nextBlock(): Uint8Array {
    if (!this.isSound) throw new NoiseError();
    this.isSound = false; // so it stays, whatever stops what follows
    const words = new Int32Array(BLOCK_SAMPLES).map(this.draw);
    const samples = new Uint8Array(words); // of each word the low byte
    const bytes = new Uint8Array(words.buffer);
    this.isSound = this.tests.accept(samples);
    const conditioned = this.isSound ? this.hmac(CONDITIONER_KEY, bytes) : null;
    bytes.set(ZEROS, 0);
    samples.set(ZEROS.subarray(0, BLOCK_SAMPLES), 0);
    if (conditioned === null) throw new NoiseError();
    return conditioned;
  }
}

// A board's randomness: HMAC_DRBG (SP 800-90A) over noise that is tested as long as it is used (SP 800-90B), with the host's entropy stirred in.

import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import type { Rng } from "../hal.ts";
import { type Hmac, HmacDrbg, OUTPUT_BYTES } from "./hmac-drbg.ts";
import type { NoiseClaim } from "./noise-claim.ts";
import { NoiseError, NoiseSource } from "./noise-source.ts";

export interface BoardRngParts {
  /** One word of noise, 32 bits, signed or not: `E.hwRand` itself, not a function around it, which would cost ten times as much. */
  readonly draw: () => number;
  /** HARDWARE_NOISE or ADC_NOISE. */
  readonly claim: NoiseClaim;
  readonly hmac: Hmac;
  /** What tells this board from others, such as its serial number: two with the same noise give different bytes. */
  readonly personalisation: Uint8Array;
  /** The noise failed a test; called once, before the NoiseError is thrown. */
  readonly onFailure: () => void;
}

/** 1,024 samples (SP 800-90B §4.3), each of which goes into the seed: at least 448 bits claimed, 256 and a nonce of 128 and 64 to spare. */
const START_UP_BLOCKS = 8;
/** After so many the next one waits for new noise. The standard would allow 2^48. */
export const REQUESTS_A_SEED = 1024;

export class BoardRng implements Rng {
  private readonly parts: BoardRngParts;
  private readonly noise: NoiseSource;
  /** null: not started, or failed. */
  private drbg: HmacDrbg | null = null;

  /** Does not look at the noise yet: `startUp` does. */
  constructor(parts: BoardRngParts) {
    this.parts = parts;
    this.noise = new NoiseSource(parts.draw, parts.claim, parts.hmac);
  }

  /** The start-up tests, then the first seed: half a second and more. Once, after power-on. @throws NoiseError */
  startUp(): void {
    const seed = this.gather(START_UP_BLOCKS, this.parts.personalisation);
    this.drbg = new HmacDrbg(this.parts.hmac, seed);
    seed.fill(0);
  }

  /** @throws NoiseError before startUp, and from the first failed test until the power is cut */
  fill(out: Uint8Array): void {
    if (this.started().requests >= REQUESTS_A_SEED) this.reseed();
    this.started().generate(out, EMPTY_BYTES);
  }

  /** Mixes in what the host gives, as additional input: never counted, never instead of noise. @throws NoiseError as fill */
  stir(bytes: Uint8Array): void {
    this.started().generate(EMPTY_BYTES, bytes);
  }

  /** New noise into the generator: before each key that is made. @throws NoiseError as fill */
  reseed(): void {
    const drbg = this.started();
    const seed = this.gather(this.parts.claim.reseedBlocks, EMPTY_BYTES);
    drbg.reseed(seed);
    seed.fill(0);
  }

  private started(): HmacDrbg {
    if (this.drbg === null) throw new NoiseError();
    return this.drbg;
  }

  /** So many conditioned blocks, then `tail`. */
  private gather(blocks: number, tail: Uint8Array): Uint8Array {
    const seed = new Uint8Array(blocks * OUTPUT_BYTES + tail.length);
    seed.set(tail, blocks * OUTPUT_BYTES);
    for (let at = 0; at < blocks * OUTPUT_BYTES; at += OUTPUT_BYTES) this.gatherBlock(seed, at);
    return seed;
  }

  private gatherBlock(seed: Uint8Array, at: number): void {
    try {
      const block = this.noise.nextBlock();
      seed.set(block, at);
      block.fill(0);
    } catch (error) {
      seed.fill(0);
      if (this.drbg !== null) this.drbg.wipe();
      this.drbg = null;
      this.parts.onFailure();
      throw error;
    }
  }
}

// The health tests of SP 800-90B §4.4 on every sample of a noise source: Repetition Count Test and Adaptive Proportion Test. They look at a block
// at a time, before anything is made of it, so that the interpreter runs few lines of JavaScript: the result is the same as sample by sample.

import { BLOCK_SAMPLES, type NoiseClaim } from "./noise-claim.ts";

/** Blocks of one window of the Adaptive Proportion Test: 512 samples, for a source that is not binary. */
const WINDOW_BLOCKS = 4;

export class HealthTests {
  private readonly claim: NoiseClaim;
  /** The newest samples, one fewer than a run that fails, and behind them room for a block. */
  private readonly samples: Uint8Array;
  /** Where in `samples` the first run that fails could end. */
  private earliestEnd: number;
  private blocksOfWindow = 0;
  private firstOfWindow = 0;
  /** Samples of the window that equal its first, which is one of them. */
  private equalToFirst = 0;

  constructor(claim: NoiseClaim) {
    const before = claim.repetitionCutoff - 1;
    this.claim = claim;
    this.samples = new Uint8Array(before + BLOCK_SAMPLES);
    this.earliestEnd = before + before; // nothing came before the first block
  }

  /** Whether the source may be trusted with this block, of BLOCK_SAMPLES. Once it was false the source is broken: there is no going on. */
  accept(block: Uint8Array): boolean {
    return this.runsAreShort(block) && this.windowIsMixed(block);
  }

  /** The Repetition Count Test (§4.4.1). */
  private runsAreShort(block: Uint8Array): boolean {
    const longest = this.claim.repetitionCutoff - 1;
    const samples = this.samples;
    const end = samples.length;
    samples.set(block, longest);
    let at = this.earliestEnd;
    this.earliestEnd = longest;
    // Could a run that fails end here? Back to where it began; what comes before is another value, so the next one that could ends later by so much.
    while (at < end) {
      let start = at;
      while (samples[start - 1] === samples[at]) start--;
      if (at - start >= longest) return false;
      at = start + longest;
    }
    samples.set(samples.subarray(BLOCK_SAMPLES), 0);
    samples.fill(0, longest);
    return true;
  }

  /** The Adaptive Proportion Test (§4.4.2). */
  private windowIsMixed(block: Uint8Array): boolean {
    if (this.blocksOfWindow === 0) {
      this.firstOfWindow = block[0];
      this.equalToFirst = 0;
    }
    this.blocksOfWindow = (this.blocksOfWindow + 1) % WINDOW_BLOCKS;
    let at = block.indexOf(this.firstOfWindow, 0);
    while (at >= 0) {
      this.equalToFirst++;
      at = block.indexOf(this.firstOfWindow, at + 1);
    }
    return this.equalToFirst < this.claim.proportionCutoff;
  }
}

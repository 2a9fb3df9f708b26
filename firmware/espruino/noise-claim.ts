// What is claimed of a board's noise, and the cutoffs of the health tests that follow from it (SP 800-90B §4.4). README.md says why so much and
// not more.

/** Samples that are drawn, tested and conditioned together. */
export const BLOCK_SAMPLES = 128;

/** A sample is the low byte of a word of 32 bits; the other three bytes go into the conditioner, tested by nobody and counted for nothing. */
export interface NoiseClaim {
  /** Min-entropy of a sample, in bits. */
  readonly entropyBits: number;
  /** Repetition Count Test: so many equal samples in a row are a failure. 1 + ⌈20 / H⌉ (§4.4.1, α = 2^-20). */
  readonly repetitionCutoff: number;
  /** Adaptive Proportion Test: so many in a window of 512 that equal its first are a failure. 1 + CRITBINOM(512, 2^-H, 1 − 2^-20) (§4.4.2). */
  readonly proportionCutoff: number;
  /** Blocks of one reseed: 256 bits, and 64 to spare, as §3.1.5.1.2 wants them where a conditioner's output counts as full. */
  readonly reseedBlocks: number;
}

/** A generator of the chip's own: nRF52840. */
export const HARDWARE_NOISE: NoiseClaim = {
  entropyBits: 4,
  repetitionCutoff: 6,
  proportionCutoff: 62,
  reseedBlocks: 1,
};

/** Readings of the voltage reference: STM32F4. */
export const ADC_NOISE: NoiseClaim = {
  entropyBits: 0.5,
  repetitionCutoff: 41,
  proportionCutoff: 410,
  reseedBlocks: 5,
};

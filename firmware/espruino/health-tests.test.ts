// The health tests: cutoffs from the standard's formulas, and block by block the same answer as sample by sample.

import { assert as assertProperty, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { HealthTests } from "./health-tests.ts";
import { ADC_NOISE, BLOCK_SAMPLES, HARDWARE_NOISE, type NoiseClaim } from "./noise-claim.ts";

const CLAIMS: readonly (readonly [name: string, claim: NoiseClaim])[] = [
  ["hardware", HARDWARE_NOISE],
  ["ADC", ADC_NOISE],
];
const WINDOW = 512;
const ALPHA_BITS = 20;

/** 2^-H as a fraction over 2^SCALE_BITS, exact to its last bit but for H = 0.5. */
const SCALE_BITS = 128n;

function squareRoot(n: bigint): bigint {
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** 2^(-halves/2) · 2^SCALE_BITS. */
const power = (halves: number): bigint => squareRoot(1n << (2n * SCALE_BITS - BigInt(halves)));

/** The smallest k with P(X ≤ k) ≥ 1 − 2^-20 for X ~ B(512, 2^-H), in whole numbers. */
function criticalValue(entropyBits: number): number {
  const p = power(2 * entropyBits);
  const q = (1n << SCALE_BITS) - p;
  const whole = 1n << (SCALE_BITS * BigInt(WINDOW));
  let [sum, ways] = [0n, 1n];
  for (let k = 0; ; k++) {
    sum += ways * p ** BigInt(k) * q ** BigInt(WINDOW - k);
    if (sum >= whole - (whole >> BigInt(ALPHA_BITS))) return k;
    ways = (ways * BigInt(WINDOW - k)) / BigInt(k + 1);
  }
}

describe.each(CLAIMS)("the cutoffs for %s noise", (_name, claim) => {
  test("are those of SP 800-90B §4.4.1 and §4.4.2 for the claimed entropy, with 2^-20 of false alarms", () => {
    expect(claim.repetitionCutoff).toBe(1 + Math.ceil(ALPHA_BITS / claim.entropyBits));
    expect(claim.proportionCutoff).toBe(1 + criticalValue(claim.entropyBits));
  });

  test("a reseed has 256 bits claimed and 64 to spare; a block has no fewer bits than it is counted for", () => {
    expect(claim.reseedBlocks).toBe(Math.ceil((256 + 64) / (BLOCK_SAMPLES * claim.entropyBits)));
  });
});

/** §4.4.1 as it is written, a sample at a time: the number of the sample at which it fails, or -1. */
function repetitionFailure(samples: Uint8Array, cutoff: number): number {
  let [last, count] = [-1, 0];
  return samples.findIndex((sample) => {
    count = sample === last ? count + 1 : 1;
    last = sample;
    return count >= cutoff;
  });
}

/** §4.4.2 as it is written. */
function proportionFailure(samples: Uint8Array, cutoff: number): number {
  let [first, count] = [-1, 0];
  return samples.findIndex((sample, i) => {
    if (i % WINDOW === 0) [first, count] = [sample, 0];
    if (sample === first) count++;
    return count >= cutoff;
  });
}

/** The block in which the samples fail, by the standard's words; -1: none. */
function failingBlock(samples: Uint8Array, claim: NoiseClaim): number {
  const at = [repetitionFailure(samples, claim.repetitionCutoff), proportionFailure(samples, claim.proportionCutoff)].filter((i) => i >= 0);
  return at.length === 0 ? -1 : Math.floor(Math.min(...at) / BLOCK_SAMPLES);
}

/** The block that the tests refuse first; -1: none. */
function refusedBlock(samples: Uint8Array, claim: NoiseClaim): number {
  const tests = new HealthTests(claim);
  for (let block = 0; block * BLOCK_SAMPLES < samples.length; block++) {
    if (!tests.accept(samples.slice(block * BLOCK_SAMPLES, (block + 1) * BLOCK_SAMPLES))) return block;
  }
  return -1;
}

/** Ten blocks, more than two windows. */
const BLOCKS = 10;
const SAMPLES = BLOCKS * BLOCK_SAMPLES;
/** All different from their neighbours; no value comes up more than 8 times in a window. */
const counting = (): Uint8Array => new Uint8Array(SAMPLES).map((_, i) => (i * 7) & 0xff);

describe.each(CLAIMS)("%s noise, block by block", (_name, claim) => {
  test("fails in the block in which it fails sample by sample, for samples of any bias", () => {
    const seen = new Set<number>();
    assertProperty(
      property(uint8Array({ minLength: SAMPLES, maxLength: SAMPLES }), uint8Array({ minLength: 4, maxLength: 4 }), (raw, shape) => {
        // Runs of a length that is about the cutoff, and a value that is about as frequent as the cutoff allows.
        const [length = 0, often = 0, from = 0, lazy = 0] = shape;
        const samples = raw.map((byte) => (byte < often ? 0 : byte & (lazy < 128 ? 0xff : 1)));
        const start = (from * 5) % SAMPLES;
        samples.fill(1, start, start + (length % (2 * claim.repetitionCutoff)));
        const expected = failingBlock(samples, claim);
        seen.add(expected);
        expect(refusedBlock(samples, claim)).toBe(expected);
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBeGreaterThan(3);
  });

  test("a run of the cutoff's length is found wherever it lies; one shorter is none", () => {
    for (let start = 0; start <= SAMPLES - claim.repetitionCutoff; start += 3) {
      const last = start + claim.repetitionCutoff - 1;
      const samples = counting().fill(0xff, start, last + 1);
      expect(refusedBlock(samples, claim)).toBe(Math.floor(last / BLOCK_SAMPLES));
      samples[start] = 0x55;
      if (samples[last + 1] !== 0xff) expect(refusedBlock(samples, claim)).toBe(-1);
    }
  });

  test("zeros at the very beginning are a run like any other", () => {
    for (const length of [1, claim.repetitionCutoff - 1, claim.repetitionCutoff]) {
      const samples = counting().map((byte) => byte | 1);
      samples.fill(0, 0, length);
      expect(refusedBlock(samples, claim)).toBe(length === claim.repetitionCutoff ? 0 : -1);
    }
  });

  test("a value as frequent as the cutoff in one window is found, one fewer is not; windows are counted apart", () => {
    const withFirst = (count: number, window: number): Uint8Array => {
      const samples = counting().map((byte) => byte & 0xfe);
      const places = Array.from({ length: count }, (_, i) => window * WINDOW + Math.floor((i * WINDOW) / count));
      for (const place of places) samples[place] = 0xff;
      return samples;
    };
    for (const window of [0, 1]) {
      const found = refusedBlock(withFirst(claim.proportionCutoff, window), claim);
      expect(Math.floor(found / 4)).toBe(window);
      expect(refusedBlock(withFirst(claim.proportionCutoff - 1, window), claim)).toBe(-1);
    }
  });
});

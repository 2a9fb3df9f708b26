// A board's generator on sources that work, that are stuck, biased, or fail later.

import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { concatBytes } from "../../protocol/bytes.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { BoardRng, REQUESTS_A_SEED } from "./board-rng.ts";
import { type Hmac, HmacDrbg } from "./hmac-drbg.ts";
import { ADC_NOISE, BLOCK_SAMPLES, HARDWARE_NOISE, type NoiseClaim } from "./noise-claim.ts";
import { NoiseError } from "./noise-source.ts";

const START_UP_SAMPLES = 1024;
const hmac: Hmac = (key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest());

/** Words as `E.hwRand` gives them, and how many were drawn. `make` may be changed on the way. */
class Source {
  drawn = 0;
  make: (index: number) => number;

  constructor(make: (index: number) => number) {
    this.make = make;
  }

  readonly draw = (): number => this.make(this.drawn++);
}

/** 32 bits, signed; the same again with the same seed. */
function noise(seed: number): (index: number) => number {
  const random = new SeededRandom(seed);
  return () => random.below(0x100000000) | 0;
}

let failures: number;
beforeEach(() => {
  failures = 0;
});

function boardRng(source: Source, claim = HARDWARE_NOISE, personalisation: Uint8Array = Uint8Array.of(0, 0, 0, 1)): BoardRng {
  return new BoardRng({ draw: source.draw, claim, hmac, personalisation, onFailure: () => failures++ });
}

function started(seed: number, claim = HARDWARE_NOISE, personalisation?: Uint8Array): BoardRng {
  const rng = boardRng(new Source(noise(seed)), claim, personalisation);
  rng.startUp();
  return rng;
}

function bytes(rng: BoardRng, length = 32): Uint8Array {
  const out = new Uint8Array(length);
  rng.fill(out);
  return out;
}

/** Throws a NoiseError, which is no Error. */
function expectRefusal(act: () => void): void {
  let thrown: unknown = null;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(NoiseError);
}

function expectDead(rng: BoardRng): void {
  const out = new Uint8Array(64);
  for (const act of [() => rng.fill(out), () => rng.reseed(), () => rng.stir(out), () => rng.startUp(), () => rng.fill(out)])
    expectRefusal(act);
  expect(out).toEqual(new Uint8Array(64));
}

const CLAIMS: readonly (readonly [name: string, claim: NoiseClaim])[] = [
  ["hardware", HARDWARE_NOISE],
  ["ADC", ADC_NOISE],
];

describe.each(CLAIMS)("%s noise", (_name, claim) => {
  test("gives nothing before the start-up tests have seen 1,024 samples", () => {
    const source = new Source(noise(1));
    const rng = boardRng(source, claim);
    const out = new Uint8Array(32);
    for (const act of [() => rng.fill(out), () => rng.reseed(), () => rng.stir(out)]) expectRefusal(act);
    expect([out, source.drawn, failures]).toEqual([new Uint8Array(32), 0, 0]);
    rng.startUp();
    expect(source.drawn).toBe(START_UP_SAMPLES);
    expect(bytes(rng)).not.toEqual(out);
  });

  test("is an HMAC_DRBG whose seed, and each new one, has every word of noise in it, conditioned by HMAC a block at a time", () => {
    const next = noise(7);
    const conditioned = (count: number): Uint8Array =>
      concatBytes(
        Array.from({ length: count }, () => {
          const words = Int32Array.from({ length: BLOCK_SAMPLES }, next);
          return hmac(new Uint8Array(32).fill(0x6e), new Uint8Array(words.buffer));
        }),
      );
    const drbg = new HmacDrbg(hmac, concatBytes([conditioned(START_UP_SAMPLES / BLOCK_SAMPLES), Uint8Array.of(9, 9)]));
    const rng = started(7, claim, Uint8Array.of(9, 9));
    const expected = new Uint8Array(100);
    drbg.generate(expected, new Uint8Array(0));
    expect(bytes(rng, 100)).toEqual(expected);
    drbg.reseed(conditioned(claim.reseedBlocks));
    rng.reseed();
    drbg.generate(expected, new Uint8Array(0));
    expect(bytes(rng, 100)).toEqual(expected);
  });

  test.each([
    ["zeros", () => 0],
    ["ones", () => -1],
    ["one word", () => 0x6d2b79f5],
  ])("stuck at %s is refused at once, for good", (_what, make) => {
    const source = new Source(make);
    const rng = boardRng(source, claim);
    expectRefusal(() => rng.startUp());
    expect(failures).toBeGreaterThan(0);
    source.make = noise(3);
    const { drawn } = source;
    expectDead(rng);
    expect(source.drawn).toBe(drawn);
  });

  test("that gets stuck later is found by the next reseed; what was in the generator is lost", () => {
    const source = new Source(noise(4));
    const rng = boardRng(source, claim);
    rng.startUp();
    bytes(rng);
    source.make = () => 0x01020304;
    expectRefusal(() => rng.reseed());
    expect(failures).toBe(1);
    source.make = noise(5);
    expectDead(rng);
  });

  test("a source that throws is broken, too", () => {
    const rng = boardRng(
      new Source((index) => {
        if (index === 100) throw new Error("no ADC");
        return noise(index)(index);
      }),
      claim,
    );
    expect(() => rng.startUp()).toThrow("no ADC");
    expect(failures).toBe(1);
    expectDead(rng);
  });

  test("makes no false alarm in 500 reseeds with even noise", () => {
    const rng = started(11, claim);
    for (let block = 0; block < 500; block++) rng.reseed();
    expect(failures).toBe(0);
  });

  test("is drawn again after so many requests, stirrings too, and when asked for", () => {
    const source = new Source(noise(6));
    const rng = boardRng(source, claim);
    rng.startUp();
    const words = claim.reseedBlocks * BLOCK_SAMPLES;
    const before = source.drawn;
    for (let request = 0; request < REQUESTS_A_SEED - 1; request++) bytes(rng, 1);
    rng.stir(Uint8Array.of(1));
    expect(source.drawn).toBe(before);
    bytes(rng, 1);
    expect(source.drawn).toBe(before + words);
    rng.reseed();
    expect(source.drawn).toBe(before + 2 * words);
  });
});

describe("a biased source is refused", () => {
  const refusedStarts = (claim: NoiseClaim, make: (random: SeededRandom) => number): number => {
    let refused = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      try {
        boardRng(new Source(() => make(random)), claim).startUp();
      } catch {
        refused++;
      }
    }
    return refused;
  };
  const word = (random: SeededRandom, one: number): number => {
    let bits = 0;
    for (let i = 0; i < 32; i++) bits = (bits << 1) | (random.fraction() < one ? 1 : 0);
    return bits;
  };

  test("hardware: bits that are 1 nine times of ten (1.2 bits a byte, where 4 are claimed), always; evenly, never", () => {
    expect([
      refusedStarts(HARDWARE_NOISE, (random) => word(random, 0.9)),
      refusedStarts(HARDWARE_NOISE, (random) => word(random, 0.5)),
    ]).toEqual([20, 0]);
  });

  test("ADC: a reading that moves once in ten calls (0.15 bits, where half a bit is claimed), always; every other call, never", () => {
    const reading = (random: SeededRandom, still: number): number =>
      random.fraction() < still ? 0x5a5a5a5a : random.below(0x100000000) | 0;
    expect([
      refusedStarts(ADC_NOISE, (random) => reading(random, 0.9)),
      refusedStarts(ADC_NOISE, (random) => reading(random, 0.5)),
    ]).toEqual([20, 0]);
  });
});

describe("the host's entropy", () => {
  const STIRRED = new Uint8Array(32).fill(3);

  test("changes what comes, each byte of it", () => {
    const plain = bytes(started(2));
    const given = [STIRRED, STIRRED.map((byte, i) => (i === 31 ? byte ^ 1 : byte)), STIRRED.subarray(0, 31), new Uint8Array(64)].map(
      (entropy) => {
        const rng = started(2);
        rng.stir(entropy);
        return bytes(rng).join();
      },
    );
    expect(new Set([plain.join(), ...given]).size).toBe(5);
  });

  test("adds to the noise and never stands for it: with the same bytes from the host, two noises give two streams", () => {
    const streams = [1, 2].map((seed) => {
      const rng = started(seed);
      for (let time = 0; time < 3; time++) rng.stir(STIRRED);
      return bytes(rng).join();
    });
    expect(streams[0]).not.toBe(streams[1]);
  });

  test("is the additional input of a request for no bytes (SP 800-90A §10.1.2.5), and brings no reseed about", () => {
    const source = new Source(noise(8));
    const rng = boardRng(source);
    rng.startUp();
    const { drawn } = source;
    rng.stir(STIRRED);
    expect(source.drawn).toBe(drawn);
    // K and V once more by hand, from the state that the same noise gives without it.
    const seen: Uint8Array[] = [];
    const twin = new BoardRng({
      draw: new Source(noise(8)).draw,
      claim: HARDWARE_NOISE,
      hmac: (key, data) => {
        const output = hmac(key, data);
        seen.push(output.slice());
        return output;
      },
      personalisation: Uint8Array.of(0, 0, 0, 1),
      onFailure: () => {},
    });
    twin.startUp();
    let [key = STIRRED, value = STIRRED] = seen.slice(-2);
    for (const round of [0, 1, 0, 1]) {
      key = hmac(key, concatBytes([value, Uint8Array.of(round), STIRRED]));
      value = hmac(key, value);
    }
    expect(bytes(rng)).toEqual(hmac(key, value));
  });
});

test("two boards with the same noise and other serial numbers give other bytes", () => {
  expect(bytes(started(9, HARDWARE_NOISE, Uint8Array.of(1)))).not.toEqual(bytes(started(9, HARDWARE_NOISE, Uint8Array.of(2))));
});

describe("nothing of the noise, of seeds and of old states stays in memory", () => {
  afterEach(() => vi.restoreAllMocks());

  test("but K and V, and after a failure not even those", () => {
    /** Whatever HMAC was given and gave, and whatever bytes were copied from or into. */
    const kept = new Set<Uint8Array>();
    const { set } = Uint8Array.prototype;
    vi.spyOn(Uint8Array.prototype, "set").mockImplementation(function (this: Uint8Array, source, at) {
      kept.add(this);
      if (source instanceof Uint8Array) kept.add(source);
      set.call(this, source, at);
    });
    const watching: Hmac = (key, data) => {
      const output = hmac(key, data);
      kept.add(data).add(output);
      return output;
    };
    const source = new Source(noise(10));
    const rng = new BoardRng({
      draw: source.draw,
      claim: ADC_NOISE,
      hmac: watching,
      personalisation: Uint8Array.of(1),
      onFailure: () => {},
    });
    /** Lengths of what is left; the tests themselves keep the last samples, with which a run may begin. */
    const left = ADC_NOISE.repetitionCutoff - 1;
    const dirty = (): number[] =>
      [...kept]
        .map((each) => (each.length === left + BLOCK_SAMPLES ? each.subarray(left) : each))
        .flatMap((each) => (each.some((byte) => byte !== 0) ? [each.length] : []));
    rng.startUp();
    rng.reseed();
    expect(dirty()).toEqual([1, 32, 32]); // and the personalisation
    const more = noise(11);
    const { drawn } = source;
    source.make = (index) => (index < drawn + 3 * BLOCK_SAMPLES ? more(index) : 0);
    expectRefusal(() => rng.reseed());
    expect(dirty()).toEqual([1]);
  });
});

// Mutations of bytes: what tends to find the places where lengths are believed.

import type { SeededRandom } from "../support/seeded-random.ts";

/** Lengths and tags at the edges of their forms. */
const EDGES = [0x00, 0x01, 0x02, 0x7f, 0x80, 0x81, 0x82, 0x83, 0xfe, 0xff];
const APDU_HEADER_BYTES = 4;

type Mutation = (bytes: Uint8Array, random: SeededRandom, other: Uint8Array) => Uint8Array;

function changedAt(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = value;
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const MUTATIONS: readonly Mutation[] = [
  function flip(bytes, random) {
    const at = random.below(bytes.length);
    return changedAt(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
  },
  function edge(bytes, random) {
    return changedAt(bytes, random.below(bytes.length), random.pick(EDGES));
  },
  function anyByte(bytes, random) {
    return changedAt(bytes, random.below(bytes.length), random.below(256));
  },
  function lengthLie(bytes, random) {
    const at = Math.min(bytes.length - 1, APDU_HEADER_BYTES + random.below(12));
    return changedAt(bytes, at, ((bytes[at] ?? 0) + random.pick([-2, -1, 1, 2, 16, 128])) & 0xff);
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  function extend(bytes, random) {
    return joined(bytes, random.bytes(random.below(20)));
  },
  function cutOut(bytes, random) {
    const from = random.below(bytes.length);
    return joined(bytes.subarray(0, from), bytes.subarray(Math.min(bytes.length, from + 1 + random.below(8))));
  },
  function repeat(bytes, random) {
    const from = random.below(bytes.length);
    const chunk = bytes.subarray(from, from + 1 + random.below(16));
    return joined(bytes.subarray(0, from), chunk, bytes.subarray(from));
  },
  function splice(bytes, random, other) {
    return joined(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));
  },
];

/** One to four mutations, one after the other. `other`: any further input, for splices. */
export function mutate(bytes: Uint8Array, random: SeededRandom, other: Uint8Array): Uint8Array {
  let mutated = bytes;
  const count = 1 + random.below(random.below(3) === 0 ? 4 : 1);
  for (let i = 0; i < count; i++) {
    if (mutated.length === 0) mutated = random.bytes(1);
    mutated = random.pick(MUTATIONS)(mutated, random, other);
  }
  return mutated;
}

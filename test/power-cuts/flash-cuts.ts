// Every flash that a cut of the power may leave while a series of flash operations is under way.
//
// A word under way keeps its old bits, or has some of those that were to change, or all of them; it has borne one programming more in each
// case. (Once: when two cuts, one after the other, come so early in the programming of one erased word that neither leaves a trace, the second
// counts as nothing done. No firmware could tell how often that has happened.) A page under erasure may hold anything; unless it reads erased,
// none of its words may be programmed before it is erased again.

import type { FlashGeometry, FlashImage } from "../../simulator/modelled-flash.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import type { FlashOperation } from "./recorded-flash.ts";

export interface Cut {
  /** Operations that were complete before. */
  readonly operation: number;
  /** Words of the next one that were complete; −1: the cut came between two operations. */
  readonly word: number;
  /** What the cut did to the word or page under way. */
  readonly how: string;
  /** Good until the next cut is asked for; may be written. */
  readonly image: FlashImage;
}

/** Whether to try the next cut: a sweep says yes each time, a sample now and then. */
type Choose = () => boolean;

const WORD_CUTS = ["unchanged", "one bit", "all bits but one", "some bits", "other bits", "most bits", "whole"] as const;

const HEADER_BYTES = 16;
const ERASED_WORD = 0xffffffff;

type EraseCut = (page: Uint8Array, random: SeededRandom) => void;

function randomBits(page: Uint8Array, random: SeededRandom): void {
  for (let i = 0; i < page.length; i++) page[i] = (page[i] ?? 0) | random.below(256);
}

/** Each word as it was, erased, or anything. */
function mixedWords(page: Uint8Array, random: SeededRandom): void {
  for (let i = 0; i < page.length; i += 4) {
    const kind = random.below(3);
    if (kind === 1) page.fill(0xff, i, i + 4);
    if (kind === 2) random.fill(page.subarray(i, i + 4));
  }
}

const ERASE_CUTS: readonly (readonly [string, EraseCut])[] = [
  ["untouched", () => {}],
  ["noise", (page, random) => random.fill(page)],
  ["other noise", (page, random) => random.fill(page)],
  ["first half erased", (page) => page.fill(0xff, 0, page.length / 2)],
  ["second half erased", (page) => page.fill(0xff, page.length / 2)],
  ["header erased", (page) => page.fill(0xff, 0, HEADER_BYTES)],
  ["only header left", (page) => page.fill(0xff, HEADER_BYTES)],
  ["header half erased", (page, random) => randomBits(page.subarray(0, HEADER_BYTES), random)],
  ["words mixed", mixedWords],
  ["words mixed otherwise", mixedWords],
  ["bits mixed", randomBits],
];

/** How many cuts there are in a series, those between operations not counted. */
export function countCuts(operations: readonly FlashOperation[], wordBytes: number): number {
  let sum = 0;
  for (const one of operations) sum += one.kind === "erase" ? ERASE_CUTS.length : (one.bytes.length / wordBytes) * WORD_CUTS.length;
  return sum;
}

export function copyImageInto(target: FlashImage, source: FlashImage): void {
  target.bytes.set(source.bytes);
  target.writes.set(source.writes);
}

export function emptyImage(like: FlashImage): FlashImage {
  return { bytes: new Uint8Array(like.bytes.length), writes: new Uint8Array(like.writes.length) };
}

/** The bits that stay as they were of those that this cut leaves; `changing` has a 1 for each that was to be cleared. */
function keptBits(how: string, changing: number, random: SeededRandom): number {
  const bits = Array.from({ length: 32 }, (_, i) => i).filter((i) => ((changing >>> i) & 1) === 1);
  const one = 1 << random.pick(bits);
  const some = Math.floor(random.fraction() * 0x100000000);
  if (how === "unchanged") return changing;
  if (how === "one bit") return changing & ~one;
  if (how === "all bits but one") return changing & one;
  if (how === "most bits") return changing & some & Math.floor(random.fraction() * 0x100000000);
  return how === "whole" ? 0 : changing & some;
}

function word32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

export class FlashCuts {
  private readonly geometry: FlashGeometry;
  private readonly random: SeededRandom;

  /** @param geometry words of four bytes, as the firmware asks for */
  constructor(geometry: FlashGeometry, random: SeededRandom) {
    this.geometry = geometry;
    this.random = random;
  }

  /** The flash as each complete operation leaves it, the one before all of them first. */
  *between(start: FlashImage, operations: readonly FlashOperation[]): Generator<Cut> {
    const image = emptyImage(start);
    const now = emptyImage(start);
    copyImageInto(now, start);
    for (let operation = 0; operation <= operations.length; operation++) {
      copyImageInto(image, now);
      yield { operation, word: -1, how: "between", image };
      const next = operations[operation];
      if (next !== undefined) this.complete(now, next);
    }
  }

  /** The cuts inside each operation. */
  *inside(start: FlashImage, operations: readonly FlashOperation[], choose: Choose): Generator<Cut> {
    const now = emptyImage(start);
    copyImageInto(now, start);
    const image = emptyImage(start);
    for (const [operation, one] of operations.entries()) {
      if (one.kind === "erase") {
        for (const [how, erase] of ERASE_CUTS) {
          if (!choose()) continue;
          copyImageInto(image, now);
          this.cutErasure(image, one.page, erase);
          yield { operation, word: 0, how, image };
        }
        this.complete(now, one);
      } else yield* this.insideProgram(now, image, operation, one.address, one.bytes, choose);
    }
  }

  private *insideProgram(
    now: FlashImage,
    image: FlashImage,
    operation: number,
    address: number,
    bytes: Uint8Array,
    choose: Choose,
  ): Generator<Cut> {
    const wordBytes = this.geometry.wordBytes;
    for (let offset = 0; offset < bytes.length; offset += wordBytes) {
      const at = address + offset;
      const fresh = word32(bytes, offset);
      const changing = word32(now.bytes, at) & ~fresh;
      for (const how of WORD_CUTS) {
        if (changing === 0 && how !== "whole") continue;
        if (!choose()) continue;
        copyImageInto(image, now);
        const kept = changing === 0 ? 0 : keptBits(how, changing, this.random);
        const isSecondWithoutTrace = how === "unchanged" && word32(now.bytes, at) === ERASED_WORD && (now.writes[at / wordBytes] ?? 0) > 0;
        if (!isSecondWithoutTrace) this.programWord(image, at, fresh | kept);
        yield { operation, word: offset / wordBytes, how, image };
      }
      this.programWord(now, at, fresh);
    }
  }

  private programWord(image: FlashImage, address: number, value: number): void {
    new DataView(image.bytes.buffer, image.bytes.byteOffset).setUint32(address, value >>> 0, true);
    const index = address / this.geometry.wordBytes;
    image.writes[index] = (image.writes[index] ?? 0) + 1;
  }

  private complete(image: FlashImage, operation: FlashOperation): void {
    const { pageBytes, wordBytes } = this.geometry;
    if (operation.kind === "erase") {
      const start = operation.page * pageBytes;
      image.bytes.fill(0xff, start, start + pageBytes);
      image.writes.fill(0, start / wordBytes, (start + pageBytes) / wordBytes);
      return;
    }
    for (let offset = 0; offset < operation.bytes.length; offset += wordBytes)
      this.programWord(image, operation.address + offset, word32(operation.bytes, offset));
  }

  private cutErasure(image: FlashImage, page: number, cut: EraseCut): void {
    const { pageBytes, wordBytes, writesPerWord } = this.geometry;
    const start = page * pageBytes;
    const bytes = image.bytes.subarray(start, start + pageBytes);
    cut(bytes, this.random);
    const writes = bytes.every((byte) => byte === 0xff) ? 0 : writesPerWord;
    image.writes.fill(writes, start / wordBytes, (start + pageBytes) / wordBytes);
  }
}

// Flash whose power goes in the middle of an operation, as hal.ts says that it may; the same image can bear many such cuts, one after the other.
//
// A word under way has borne one programming more, whatever its bits show: but for an erased word that two cuts leave without a trace
// (flash-cuts.ts tells why).

import fc from "fast-check";
import { type FlashGeometry, type FlashImage, ModelledFlash } from "../../simulator/modelled-flash.ts";

/** The power is gone: nothing that was in memory counts any more. */
export class PowerCut extends Error {
  override readonly name = "PowerCut";
}

/** What byte `i` of a page under erasure holds afterwards; `spot` is anywhere in the page. */
type Leave = (old: number, noise: number, i: number, spot: number) => number;

const ERASURES = {
  untouched: (old) => old,
  "some bits set": (old, noise) => old | noise,
  "some bits cleared": (old, noise) => old & noise,
  noise: (_, noise) => noise,
  "the end erased": (old, _, i, spot) => (i >= spot ? 0xff : old),
  "the beginning erased": (old, _, i, spot) => (i < spot ? 0xff : old),
  "bits set in one byte of the header": (old, noise, i, spot) => (i === spot % 12 ? old | noise : old),
  "one byte of the header changed, noise behind": (old, noise, i, spot) => (i < 12 && i !== spot % 12 ? old : noise),
} as const satisfies Record<string, Leave>;

export interface Cut {
  /** Words and erasures that are complete before. */
  readonly after: number;
  /** The bits of the word under way that stay as they were; the lowest are its first byte's. */
  readonly stays: number;
  readonly erasure: keyof typeof ERASURES;
  /** For a page under erasure; repeated. */
  readonly noise: readonly number[];
  /** Likewise; modulo the page's length. */
  readonly spot: number;
}

const WORD_BITS = 32;
const bit = fc.nat({ max: WORD_BITS - 1 }).map((i) => (1 << i) >>> 0);
const anyBits = fc.nat({ max: 0xffffffff });

/** Cuts after `afterMax` words and erasures at the most. Half of them come early, where a journal is opened and goes on from the cut before. */
export function cutsAfter(afterMax: number): fc.Arbitrary<Cut> {
  return fc.record({
    after: fc.oneof(fc.integer({ min: 0, max: afterMax }), fc.integer({ min: 0, max: Math.min(afterMax, 12) })),
    stays: fc.oneof(
      fc.constantFrom(0, 0xffffffff),
      anyBits,
      bit,
      bit.map((one) => ~one >>> 0),
    ),
    erasure: fc.constantFrom(...(Object.keys(ERASURES) as (keyof typeof ERASURES)[])),
    noise: fc.array(fc.oneof(fc.constantFrom(0, 0, 0xff, 0xff), fc.integer({ min: 0, max: 0xff })), {
      minLength: 1,
      maxLength: 37,
      size: "max",
    }),
    spot: fc.integer({ min: 0, max: 0xffff }),
  });
}

export class CutFlash extends ModelledFlash {
  private readonly cut: Cut;
  private left: number;

  constructor(geometry: FlashGeometry, image: FlashImage, cut: Cut) {
    super(geometry, image, () => {});
    this.cut = cut;
    this.left = cut.after;
  }

  override program(address: number, bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; offset += this.wordBytes) {
      const word = bytes.slice(offset, offset + this.wordBytes);
      if (this.left-- > 0) super.program(address + offset, word);
      else this.cutWord(address + offset, word);
    }
  }

  override erase(page: number): void {
    const { address = 0, lengthBytes = 0 } = this.pages[page] ?? {};
    const old = this.read(address, lengthBytes);
    super.erase(page);
    if (this.left-- > 0) return;
    const { erasure, noise, spot } = this.cut;
    const left = old.map((byte, i) => ERASURES[erasure](byte, noise[i % noise.length] ?? 0, i, spot % lengthBytes));
    this.image.bytes.set(left, address);
    // What does not look erased may not be programmed before it is.
    const writes = left.every((byte) => byte === 0xff) ? 0 : this.writesPerWord;
    this.image.writes.fill(writes, address / this.wordBytes, (address + lengthBytes) / this.wordBytes);
    throw new PowerCut();
  }

  private cutWord(address: number, word: Uint8Array): never {
    const old = this.read(address, this.wordBytes);
    const torn = word.map((byte, i) => byte | ((old[i] ?? 0) & (this.cut.stays >>> (8 * i))));
    const isErased = torn.every((byte) => byte === 0xff);
    const isSecondWithoutTrace = isErased && (this.image.writes[address / this.wordBytes] ?? 0) > 0;
    if (!isSecondWithoutTrace) super.program(address, torn);
    throw new PowerCut();
  }
}

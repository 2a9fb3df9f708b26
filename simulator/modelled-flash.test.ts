// The modelled flash refuses what no flash allows, so that a test of the firmware sees it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blankImage, FlashFault, type FlashGeometry, ModelledFlash, NRF52_GEOMETRY } from "./modelled-flash.ts";

const SMALL: FlashGeometry = { pageCount: 2, pageBytes: 64, wordBytes: 4, writesPerWord: 2 };
const word = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function flash(geometry = SMALL): { flash: ModelledFlash; changes: () => number } {
  let changes = 0;
  return { flash: new ModelledFlash(geometry, blankImage(geometry), () => changes++), changes: () => changes };
}

test("a blank flash is FF everywhere, in pages that lie one behind the other", () => {
  const { flash: blank } = flash();
  expect(blank.pages).toEqual([
    { address: 0, lengthBytes: 64 },
    { address: 64, lengthBytes: 64 },
  ]);
  expect(blank.read(0, 128)).toEqual(new Uint8Array(128).fill(0xff));
});

test("the simulator's geometry has whole words in whole pages", () => {
  const { pages } = flash(NRF52_GEOMETRY).flash;
  expect([pages.length, pages[0]?.lengthBytes, NRF52_GEOMETRY.pageBytes % NRF52_GEOMETRY.wordBytes]).toEqual([16, 4096, 0]);
});

describe("programming", () => {
  test("clears bits, and tells of it once", () => {
    const { flash: one, changes } = flash();
    one.program(4, word(0xf0, 0x0f, 0x00, 0xff, 1, 2, 3, 4));
    expect(one.read(4, 8)).toEqual(word(0xf0, 0x0f, 0x00, 0xff, 1, 2, 3, 4));
    expect(changes()).toBe(1);
  });

  test("a word twice may clear more bits; a third time is a fault", () => {
    const { flash: one } = flash();
    one.program(0, word(0xff, 0xf0, 0xff, 0xff));
    one.program(0, word(0xff, 0x00, 0xff, 0xff));
    expect(() => one.program(0, word(0, 0, 0, 0))).toThrow(FlashFault);
  });

  test("a word with all bits set counts as one of its two times", () => {
    const { flash: one } = flash();
    for (let time = 0; time < 2; time++) one.program(0, word(0xff, 0xff, 0xff, 0xff));
    expect(() => one.program(0, word(0xff, 0xff, 0xff, 0xff))).toThrow(/programmed 3 times/);
  });

  test("a cleared bit to set is a fault, at whatever bit", () => {
    for (let bit = 0; bit < 8; bit++) {
      const { flash: one } = flash();
      one.program(8, word(0xff, 0xff, 0xff, 0xff & ~(1 << bit)));
      expect(() => one.program(8, word(0xff, 0xff, 0xff, 0xff))).toThrow(/would set a bit/);
    }
  });

  test("beyond the end, or before the beginning, is a fault that changes nothing", () => {
    const { flash: one, changes } = flash();
    for (const address of [128, 124, -4]) {
      expect(() => one.program(address, new Uint8Array(8))).toThrow(/outside the flash/);
    }
    expect(one.read(0, 128)).toEqual(new Uint8Array(128).fill(0xff));
    expect(changes()).toBe(0);
  });

  test.each([
    [1, 4],
    [2, 4],
    [0, 3],
    [0, 6],
  ])("at %i, %i bytes, which are no whole words, is a fault", (address, length) => {
    expect(() => flash().flash.program(address, new Uint8Array(length))).toThrow(/whole words/);
  });
});

describe("reading", () => {
  test("gives a copy", () => {
    const { flash: one } = flash();
    one.read(0, 4).fill(0);
    expect(one.read(0, 4)).toEqual(word(0xff, 0xff, 0xff, 0xff));
  });

  test.each([
    [-1, 1],
    [128, 1],
    [120, 9],
  ])("%i, %i bytes, outside the flash, is a fault", (address, length) => {
    expect(() => flash().flash.read(address, length)).toThrow(FlashFault);
  });
});

describe("erasing", () => {
  test("gives FF in one page and leaves the other; its words may be programmed anew", () => {
    const { flash: one, changes } = flash();
    for (const address of [60, 64]) for (let time = 0; time < 2; time++) one.program(address, word(1, 2, 3, 4));
    one.erase(0);
    expect([one.read(60, 4), one.read(64, 4)]).toEqual([word(0xff, 0xff, 0xff, 0xff), word(1, 2, 3, 4)]);
    one.program(60, word(9, 9, 9, 9));
    expect(() => one.program(64, word(0, 0, 0, 0))).toThrow(FlashFault);
    expect(changes()).toBe(6);
  });

  test.each([-1, 2, 1000])("page %i, which there is not, is a fault", (page) => {
    expect(() => flash().flash.erase(page)).toThrow(/no page/);
  });
});

test("whatever is programmed, no bit is ever set but by erasing", () => {
  const step = fc.record({ address: fc.nat(31).map((index) => index * 4), bytes: fc.uint8Array({ minLength: 4, maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { flash: one } = flash();
      for (const { address, bytes } of steps) {
        const before = one.read(0, 128);
        try {
          one.program(address, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FlashFault);
        }
        expect(one.read(0, 128).every((byte, at) => ((before[at] ?? 0) | byte) === (before[at] ?? 0))).toBe(true);
      }
    }),
  );
});

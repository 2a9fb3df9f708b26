// The flash of a board over the interpreter's module: where the token's pages are, whose they are, and that words go there and come back as they are.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { JOLT_JS } from "../../hardware/boards/jolt-js/board.ts";
import { blankImage, FlashFault, ModelledFlash, NRF52_GEOMETRY } from "../../simulator/modelled-flash.ts";
import type { Flash } from "../hal.ts";
import { boardFlash, FlashTakenError } from "./raw-flash.ts";

const { address, pageBytes, pages } = JOLT_JS.flash;
const END = address + pageBytes * pages;

type Area = { addr: number; length: number };
const WHOLE: Area = { addr: address, length: END - address };

let model: ModelledFlash;
/** Every call that changes something. */
let changes: string[];

/** The interpreter's module: addresses are the chip's, a length of 0 gives nothing at all. */
function plugIn(free: readonly Area[]): void {
  const Flash = {
    getFree: () => free,
    read: (length: number, at: number) => (length > 0 ? model.read(at - address, length) : undefined),
    write: (data: Uint8Array, at: number) => {
      changes.push(`write ${data.length} at ${at}`);
      model.program(at - address, data);
    },
    erasePage: (at: number) => {
      changes.push(`erase ${at}`);
      model.erase(Math.floor((at - address) / pageBytes));
    },
  };
  vi.stubGlobal("require", (name: string) => ({ Flash })[name]);
}

beforeEach(() => {
  model = new ModelledFlash(NRF52_GEOMETRY, blankImage(NRF52_GEOMETRY), () => {});
  changes = [];
});
afterEach(() => void vi.unstubAllGlobals());

describe("the token's pages", () => {
  test("are the board's, one after the other, of words that bear two programmings", () => {
    plugIn([WHOLE]);
    const flash = boardFlash(JOLT_JS);
    expect(flash.pages).toEqual(Array.from({ length: pages }, (_, i) => ({ address: address + i * pageBytes, lengthBytes: pageBytes })));
    expect([flash.wordBytes, flash.writesPerWord, changes]).toEqual([4, 2, []]);
  });

  const ACCEPTED: readonly (readonly [string, Area[]])[] = [
    ["just they are free", [WHOLE]],
    ["they are in the middle of what is free", [{ addr: address - 4096, length: END - address + 8192 }]],
    ["another area is free, too", [{ addr: 0x1000, length: 4096 }, WHOLE]],
  ];
  test.each(ACCEPTED)("are taken where %s", (_where, free) => {
    plugIn(free);
    expect(boardFlash(JOLT_JS).pages).toHaveLength(pages);
  });

  const REFUSED: readonly (readonly [string, Area[]])[] = [
    ["nothing is free", []],
    ["the first word is not", [{ addr: address + 4, length: END - address }]],
    ["the last word is not", [{ addr: address, length: END - address - 4 }]],
    [
      "no area has them whole",
      [
        { ...WHOLE, length: pageBytes },
        { addr: address + pageBytes, length: END - address - pageBytes },
      ],
    ],
    ["all that is free lies before them", [{ addr: 0, length: address }]],
    ["all that is free lies behind them", [{ addr: END, length: 0x10000 }]],
  ];
  test.each(REFUSED)("are refused, untouched, where %s", (_where, free) => {
    plugIn(free);
    expect(() => boardFlash(JOLT_JS)).toThrow(FlashTakenError as never);
    expect(changes).toEqual([]);
  });
});

describe("words", () => {
  let flash: Flash;
  beforeEach(() => {
    plugIn([WHOLE]);
    flash = boardFlash(JOLT_JS);
  });
  const words = Uint8Array.from({ length: 104 }, (_, i) => 255 - i);

  test("come back as they went, from the first of the pages to the last, of any length, none too", () => {
    for (const at of [address, address + pageBytes, END - words.length]) {
      flash.program(at, words);
      expect(flash.read(at, words.length)).toEqual(words);
      expect(flash.read(at + 3, 5)).toEqual(words.subarray(3, 8));
      expect(flash.read(at, 0)).toEqual(new Uint8Array(0));
    }
    expect(changes).toEqual([address, address + pageBytes, END - 104].map((at) => `write 104 at ${at}`));
  });

  test("a view of something longer is written as what is seen of it", () => {
    flash.program(address, words.subarray(8, 16));
    expect(flash.read(address, 12)).toEqual(new Uint8Array([...words.subarray(8, 16), 255, 255, 255, 255]));
  });

  test("erasing takes one page, each its own", () => {
    for (let page = 0; page < pages; page++) flash.program(address + page * pageBytes, words);
    for (const page of [0, 7, pages - 1]) {
      changes = [];
      flash.erase(page);
      expect(changes).toEqual([`erase ${address + page * pageBytes}`]);
    }
    const erased = flash.pages.map((page) => flash.read(page.address, 1)[0] === 255 && flash.read(page.address + 1, 1)[0] === 255);
    expect(erased.flatMap((isErased, page) => (isErased ? [page] : []))).toEqual([0, 7, pages - 1]);
  });

  test("what no flash allows is not smoothed over: it comes out as the fault that it is", () => {
    flash.program(address, words);
    expect(() =>
      flash.program(
        address,
        words.map(() => 255),
      ),
    ).toThrow(FlashFault);
    expect(() => flash.program(address + 2, new Uint8Array(4))).toThrow(FlashFault);
    expect(() => flash.program(address + 512, new Uint8Array(3))).toThrow(FlashFault);
    expect(() => flash.read(END - 2, 4)).toThrow(FlashFault);
    expect(() => flash.read(address - 4, 4)).toThrow(FlashFault);
    flash.program(address + 1024, new Uint8Array([255, 255, 255, 1]));
    flash.program(address + 1024, new Uint8Array(4));
    expect(() => flash.program(address + 1024, new Uint8Array(4))).toThrow(FlashFault);
  });
});

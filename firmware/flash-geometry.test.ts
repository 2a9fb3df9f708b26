import { expect, test } from "vitest";
import { blankImage, ModelledFlash } from "../simulator/modelled-flash.ts";
import { createNodeHal } from "../simulator/node-hal.ts";
import { PRESSED_AT_ONCE, ScriptedButton } from "../simulator/scripted-button.ts";
import { isErasedPage } from "./flash-geometry.ts";
import type { Flash } from "./hal.ts";

/** Two pages, of which the second is looked at; how much was read at a time at the most. */
function look(pageBytes: number, change: (page: Uint8Array) => void): { isErased: boolean; longest: number } {
  const geometry = { pageCount: 2, pageBytes, wordBytes: 4, writesPerWord: 2 };
  const image = blankImage(geometry);
  image.bytes.fill(0, 0, pageBytes);
  change(image.bytes.subarray(pageBytes));
  const modelled = new ModelledFlash(geometry, image, () => {});
  let longest = 0;
  const flash: Flash = {
    pages: modelled.pages,
    wordBytes: modelled.wordBytes,
    writesPerWord: modelled.writesPerWord,
    read: (address, lengthBytes) => {
      longest = Math.max(longest, lengthBytes);
      return modelled.read(address, lengthBytes);
    },
    program: (address, bytes) => modelled.program(address, bytes),
    erase: (page) => modelled.erase(page),
  };
  const device = { model: "Sceau test", serial: 1, simulated: true };
  const { crypto } = createNodeHal({ device, flash: modelled, button: new ScriptedButton(PRESSED_AT_ONCE) });
  return { isErased: isErasedPage(flash, 1, (data) => crypto.crc32(data)), longest };
}

test.each([1000, 4096, 65536])(
  "a page of %i bytes is erased when each of its bits is, and read in pieces that a board's memory bears",
  (length) => {
    expect(look(length, () => {})).toEqual({ isErased: true, longest: length === 1000 ? 1000 : 256 });
    for (const offset of [0, 255, 256, 700, length - 1]) {
      const { isErased } = look(length, (page) => page.set([0xfe], offset));
      expect(isErased).toBe(false);
    }
  },
);

// Jolt.js (nRF52840): boards/JOLTJS.py of Espruino. What the pages of flash are is in this folder's README.

import type { Board } from "../../../firmware/espruino/board.ts";

const PAGE_BYTES = 4096;
/** The interpreter's files begin at page 145. Espruino's own factory writes a mark into the last word before them (0x90FFC), after its first self-test. */
const FILES_PAGE = 145;
/** So two pages before them are left alone: one for the mark, one in case. */
const LEFT_ALONE = 2;
const PAGES = 16;

export const JOLT_JS: Board = {
  model: "Sceau Jolt.js",
  interpreter: "JOLTJS",
  noise: "chip",
  button: { pin: "D0", mode: "input_pulldown", pressed: true },
  leds: { error: "D6", busy: "D8", waiting: "D41" },
  flash: { address: (FILES_PAGE - LEFT_ALONE - PAGES) * PAGE_BYTES, pageBytes: PAGE_BYTES, pages: PAGES },
};

// A Jolt.js as its interpreter shows it to the script: what hardware/boards/jolt-js is made for, and a test compares them.

import type { FreeFlash } from "./prelude.ts";

const PAGE_BYTES = 4096;
/** Where the interpreter's files begin (boards/JOLTJS.py of Espruino). Before them all is free, down to the interpreter's own end; so many pages are enough. */
const FILES_PAGE = 145;
const PAGES = 32;

export const JOLT_JS_FLASH: FreeFlash = {
  address: (FILES_PAGE - PAGES) * PAGE_BYTES,
  lengthBytes: PAGES * PAGE_BYTES,
  pageBytes: PAGE_BYTES,
};

/** What the lights are for, by their pins. */
export const JOLT_JS_LIGHTS: Readonly<Record<string, "busy" | "waiting" | "error">> = { D6: "error", D8: "busy", D41: "waiting" };

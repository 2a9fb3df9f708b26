// The boards that a script can be asked for: what the build has to know of each beside its description, and why some are refused.
// Read in Espruino's boards/*.py; what of it was seen, each board's README says.

import type { Board } from "../../firmware/espruino/board.ts";
import { ESPRUINO_WIFI } from "./espruino-wifi/board.ts";
import { JOLT_JS } from "./jolt-js/board.ts";
import { PICO } from "./pico/board.ts";

/** A board whose interpreter has a place for everything, though not always a large enough one. Its folder bears its name. */
export interface Target {
  readonly board: Board;
  /** Where the interpreter keeps its files. */
  readonly storageBytes: number;
  /** All that the interpreter keeps in memory is in blocks of one length, as many as these. */
  readonly blocks: number;
}

/** A board that is not built for, whatever room it has: what E.hwRand() is there. */
export interface RefusedTarget {
  readonly noise: "rand" | "seeded";
}

const KB = 1024;

export const BOARDS: { readonly [name: string]: Target | RefusedTarget } = {
  "jolt-js": { board: JOLT_JS, storageBytes: 400 * KB, blocks: 12_000 },
  pico: { board: PICO, storageBytes: 48 * KB, blocks: 5_100 },
  "espruino-wifi": { board: ESPRUINO_WIFI, storageBytes: 64 * KB, blocks: 8_190 },
  esp32: { noise: "rand" },
  esp8266: { noise: "rand" },
  "nrf54l15-dk": { noise: "rand" },
  "raspberry-pi-pico": { noise: "seeded" },
};

export const REFUSALS: { readonly [noise in RefusedTarget["noise"]]: string } = {
  rand: "its E.hwRand() is rand(): keys made there could be guessed",
  seeded: "its E.hwRand() is a generator in software, seeded at power-on: keys made there could be guessed",
};

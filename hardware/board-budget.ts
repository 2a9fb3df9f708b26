// What a board has to have for the firmware, beside what it has.

import { JournalError } from "../firmware/flash-geometry.ts";
import { splitFlash } from "../firmware/flash-regions.ts";
import type { Flash } from "../firmware/hal.ts";
import { MAX_KEPT_BYTES } from "../firmware/limits.ts";
import type { Target } from "./boards/boards.ts";

export interface Budget {
  readonly what: "storage" | "flash pages" | "memory";
  readonly unit: string;
  readonly needed: number;
  readonly there: number;
  /** Zero: it fits. */
  readonly missing: number;
  /** Why what is there may not count, or "". */
  readonly remark: string;
}

/** Beside each file of the interpreter's Storage: its length, flags and name. */
const FILE_HEADER_BYTES = 32;
const FILE_ALIGNMENT_BYTES = 4;
/** Decimal digits in the file `sceau.serial`, which flashing adds. */
const SERIAL_BYTES = 10;

/**
 * Blocks of memory in use after a start, and at the worst moment seen, while an object of 3,060 bytes was stored (its packets were still in the hands of the
 * script that sent them; initialising, making a key, signing and reading took 4,858 at the most). By process.memory() on 2026-11-22 in Espruino's ARM build
 * with the flash of a Jolt.js in its address space (12,000 blocks of 14 bytes), so with the script where a board has it: 4,012; and 5,918 at a
 * time when a start took 132 fewer, which are added; both rounded up.
 * board-memory.test.ts measures the first again.
 *
 * On top come commands and answers of other channels, as many bytes as the firmware lets them have (MAX_KEPT_BYTES), once as pieces and once as a
 * whole; a block of text or of an array holds 12 of them. That was not driven: it is reckoned.
 */
export const MEMORY_BLOCKS = { afterStart: 4_100, worst: 6_100, otherChannels: Math.ceil((2 * MAX_KEPT_BYTES) / 12) };

function budget(what: Budget["what"], unit: string, needed: number, there: number, remark = ""): Budget {
  return { what, unit, needed, there, missing: Math.max(0, needed - there), remark };
}

/** @param fileBytes of the script and the kernel */
function storageBudget(target: Target, fileBytes: readonly number[]): Budget {
  const needed = [...fileBytes, SERIAL_BYTES].reduce(
    (sum, bytes) => sum + FILE_HEADER_BYTES + Math.ceil(bytes / FILE_ALIGNMENT_BYTES) * FILE_ALIGNMENT_BYTES,
    0,
  );
  return budget("storage", "bytes", needed, target.storageBytes);
}

/** What the firmware says to so many pages: "" when it works with them. */
function objectionTo(pageBytes: number, pages: number): string {
  const cannot = (): never => {
    throw new JournalError("nothing is read or written here");
  };
  const flash: Flash = {
    pages: Array.from({ length: pages }, (_, i) => ({ address: i * pageBytes, lengthBytes: pageBytes })),
    wordBytes: 4,
    writesPerWord: 2,
    read: cannot,
    program: cannot,
    erase: cannot,
  };
  try {
    splitFlash(flash);
    return "";
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return error.message;
  }
}

const MOST_PAGES = 256;
const LONGEST_PAGE_BYTES = 65_536;

function pageBudget({ board }: Target): Budget {
  const { pageBytes, pages } = board.flash;
  const usableBytes = Math.min(pageBytes, LONGEST_PAGE_BYTES);
  let needed = 1;
  while (needed < MOST_PAGES && objectionTo(usableBytes, needed) !== "") needed++;
  const objection = objectionTo(pageBytes, needed);
  const remark = objection === "" ? "" : `${pages} of ${pageBytes} bytes: ${objection}`;
  return budget("flash pages", `pages of ${usableBytes} bytes`, needed, objection === "" ? pages : 0, remark);
}

function memoryBudget(target: Target): Budget {
  return budget("memory", "blocks", MEMORY_BLOCKS.worst + MEMORY_BLOCKS.otherChannels, target.blocks);
}

/** Each of them, those that are met, too. */
export const budgetsOf = (target: Target, fileBytes: readonly number[]): Budget[] => [
  storageBudget(target, fileBytes),
  pageBudget(target),
  memoryBudget(target),
];

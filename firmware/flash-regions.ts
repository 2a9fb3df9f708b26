// How the flash is divided: the last pages are the signature log's, all others the journal's. Until the log came the journal had them all: what
// it has left there is moved (journal.ts) before the log is opened.

import { checkGeometry, JournalError } from "./flash-geometry.ts";
import type { Flash } from "./hal.ts";
import { logPages } from "./signature-log.ts";

/** The head, one before it, and a free one. */
const MIN_JOURNAL_PAGES = 3;

/** Each a flash of its own, with as many pages: its page 0 is the first of them. Addresses are the whole flash's. */
export interface FlashRegions {
  readonly journal: Flash;
  readonly log: Flash;
}

function region(flash: Flash, firstPage: number, endPage: number): Flash {
  return {
    pages: flash.pages.filter((page) => flash.pages.indexOf(page) >= firstPage && flash.pages.indexOf(page) < endPage),
    wordBytes: flash.wordBytes,
    writesPerWord: flash.writesPerWord,
    read: (address, lengthBytes) => flash.read(address, lengthBytes),
    program: (address, bytes) => flash.program(address, bytes),
    erase: (page) => flash.erase(firstPage + page),
  };
}

/** @throws JournalError the flash is too small, or can't be worked with */
export function splitFlash(flash: Flash): FlashRegions {
  checkGeometry(flash);
  const all = flash.pages.length;
  const log = logPages(flash.pages[0].lengthBytes);
  if (all < MIN_JOURNAL_PAGES + log) throw new JournalError(`the flash must have ${MIN_JOURNAL_PAGES + log} pages or more`);
  return { journal: region(flash, 0, all - log), log: region(flash, all - log, all) };
}

// What the journal finds in the flash when it is opened: its pages, and the records of each.

import { copyBytes, equalBytes } from "../protocol/bytes.ts";
import { JournalError } from "./flash-geometry.ts";
import type { Flash } from "./hal.ts";
import {
  CHECKSUM_BYTES,
  type Crc32,
  entriesLength,
  isErasedWord,
  isFormerLayout,
  NO_PAGE,
  OTHER_LAYOUT,
  PAGE_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  recordLength,
  sequenceOf,
} from "./journal-layout.ts";

export interface FoundPage {
  readonly page: number;
  readonly sequence: number;
  /** It has the layout of the firmware before. */
  readonly isFormer: boolean;
}

export interface FoundRecord {
  readonly address: number;
  readonly lengthBytes: number;
  /** Its checksum is right: it counts. */
  readonly isSound: boolean;
  /** Its checksum was never written. */
  readonly isUnfinished: boolean;
}

/**
 * The pages of the journal, oldest first.
 * @throws JournalError there are pages of another layout version
 */
export function findPages(flash: Flash, crc32: Crc32): FoundPage[] {
  const found: FoundPage[] = [];
  let otherLayout = false;
  for (let page = 0; page < flash.pages.length; page++) {
    const header = flash.read(flash.pages[page].address, PAGE_HEADER_BYTES);
    const sequence = sequenceOf(header, crc32);
    if (sequence > NO_PAGE) {
      let before = 0;
      while (before < found.length && found[before].sequence < sequence) before++;
      const newer = found.splice(before, found.length);
      found.push({ page, sequence, isFormer: isFormerLayout(header) });
      for (const one of newer) found.push(one);
    }
    if (sequence === OTHER_LAYOUT) otherLayout = true;
  }
  // Such a token has a PIN and keys that this firmware can't read. Taken for blank, it would open to the factory's PIN.
  if (otherLayout) throw new JournalError("the flash holds a journal of another layout version");
  return found;
}

/** Shows the records of a page to `visit`. The answer is the offset behind the last, or the page's length when it takes no more. */
export function replayPage(flash: Flash, page: number, crc32: Crc32, visit: (record: FoundRecord, bytes: Uint8Array) => void): number {
  const start = flash.pages[page].address;
  const bytes = flash.read(start, flash.pages[page].lengthBytes);
  let offset = PAGE_HEADER_BYTES;
  while (offset + RECORD_HEADER_BYTES <= bytes.length) {
    if (isErasedWord(bytes, offset)) return offset;
    const length = entriesLength(bytes, offset);
    if (length < 0) return bytes.length;
    const lengthBytes = recordLength(length);
    const end = offset + lengthBytes - CHECKSUM_BYTES;
    const isSound = equalBytes(crc32(bytes.subarray(offset, end)), copyBytes(bytes, end, end + CHECKSUM_BYTES));
    visit({ address: start + offset, lengthBytes, isSound, isUnfinished: isErasedWord(bytes, end) }, bytes.subarray(offset, end));
    offset += lengthBytes;
  }
  return bytes.length;
}

// What the firmware asks of a flash.

import { equalBytes } from "../protocol/bytes.ts";
import type { Flash } from "./hal.ts";

export const WORD_BYTES = 4;
/** A word is programmed with its value and once more with zeros. */
const WRITES_PER_WORD = 2;
/** The length of a record has two bytes. */
const MAX_PAGE_BYTES = 65536;
const PIECE_BYTES = 256;

/** This flash can't be worked with: its geometry, or what another firmware keeps in it. A plain class: Espruino cannot extend Error. */
export class JournalError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** @throws JournalError */
export function checkGeometry(flash: Flash): void {
  if (flash.wordBytes !== WORD_BYTES) throw new JournalError("the flash must have words of 4 bytes");
  if (flash.writesPerWord < WRITES_PER_WORD) throw new JournalError("the flash must bear two programmings of a word");
  for (const page of flash.pages) {
    if (page.lengthBytes !== flash.pages[0].lengthBytes) throw new JournalError("the flash's pages must have one length");
    if (page.lengthBytes > MAX_PAGE_BYTES) throw new JournalError("the flash's pages must have 64 KB at the most");
  }
}

/** Reads FF everywhere. By checksums: in an interpreter, looking at each byte would take half a second; in pieces, which take little memory. */
export function isErasedPage(flash: Flash, page: number, crc32: (data: Uint8Array) => Uint8Array): boolean {
  const lengthBytes = flash.pages[page].lengthBytes;
  const pieceBytes = lengthBytes % PIECE_BYTES === 0 ? PIECE_BYTES : lengthBytes;
  const erased = crc32(new Uint8Array(pieceBytes).fill(0xff));
  for (let offset = 0; offset < lengthBytes; offset += pieceBytes) {
    if (!equalBytes(crc32(flash.read(flash.pages[page].address + offset, pieceBytes)), erased)) return false;
  }
  return true;
}

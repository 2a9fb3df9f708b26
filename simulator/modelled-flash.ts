// Flash that behaves as flash does, in memory: erasing gives FF, programming only clears bits, a word programmed too often is a fault.

import type { Flash, FlashPage } from "../firmware/hal.ts";

export interface FlashGeometry {
  readonly pageCount: number;
  readonly pageBytes: number;
  readonly wordBytes: number;
  readonly writesPerWord: number;
}

/** The last pages of an nRF52840, as a Jolt.js would set them aside: 4 KB pages, 4-byte words, two writes a word between erasures. */
export const NRF52_GEOMETRY: FlashGeometry = { pageCount: 16, pageBytes: 4096, wordBytes: 4, writesPerWord: 2 };

/** The firmware did to the flash what no flash allows. */
export class FlashFault extends Error {
  override readonly name = "FlashFault";
}

/** What the flash holds: every byte, and how often each word was programmed since its page was erased. */
export interface FlashImage {
  readonly bytes: Uint8Array;
  readonly writes: Uint8Array;
}

export function blankImage(geometry: FlashGeometry): FlashImage {
  const lengthBytes = geometry.pageCount * geometry.pageBytes;
  return { bytes: new Uint8Array(lengthBytes).fill(0xff), writes: new Uint8Array(lengthBytes / geometry.wordBytes) };
}

export class ModelledFlash implements Flash {
  readonly pages: readonly FlashPage[];
  readonly wordBytes: number;
  readonly writesPerWord: number;
  readonly image: FlashImage;
  private readonly changed: (image: FlashImage) => void;

  /** @param changed told after each program and each erase, before the firmware goes on */
  constructor(geometry: FlashGeometry, image: FlashImage, changed: (image: FlashImage) => void) {
    this.pages = Array.from({ length: geometry.pageCount }, (_, page) => ({
      address: page * geometry.pageBytes,
      lengthBytes: geometry.pageBytes,
    }));
    this.wordBytes = geometry.wordBytes;
    this.writesPerWord = geometry.writesPerWord;
    this.image = image;
    this.changed = changed;
  }

  read(address: number, lengthBytes: number): Uint8Array {
    this.checkRange(address, lengthBytes);
    return this.image.bytes.slice(address, address + lengthBytes);
  }

  program(address: number, bytes: Uint8Array): void {
    this.checkRange(address, bytes.length);
    if (address % this.wordBytes !== 0 || bytes.length % this.wordBytes !== 0) throw new FlashFault("programming is by whole words");
    for (let offset = 0; offset < bytes.length; offset += this.wordBytes) {
      this.programWord(address + offset, bytes.subarray(offset, offset + this.wordBytes));
    }
    this.changed(this.image);
  }

  erase(page: number): void {
    const { address, lengthBytes } = this.pages[page] ?? this.fail(`no page ${page}`);
    this.image.bytes.fill(0xff, address, address + lengthBytes);
    this.image.writes.fill(0, address / this.wordBytes, (address + lengthBytes) / this.wordBytes);
    this.changed(this.image);
  }

  private programWord(address: number, word: Uint8Array): void {
    const index = address / this.wordBytes;
    const writes = (this.image.writes[index] ?? 0) + 1;
    if (writes > this.writesPerWord) this.fail(`word ${address} programmed ${writes} times since its page was erased`);
    this.image.writes[index] = writes;
    for (const [offset, byte] of word.entries()) {
      const old = this.image.bytes[address + offset] ?? 0;
      if ((old & byte) !== byte) this.fail(`programming ${address + offset} would set a bit`);
      this.image.bytes[address + offset] = byte;
    }
  }

  private checkRange(address: number, lengthBytes: number): void {
    if (address < 0 || address + lengthBytes > this.image.bytes.length)
      this.fail(`${lengthBytes} bytes at ${address} are outside the flash`);
  }

  private fail(reason: string): never {
    throw new FlashFault(reason);
  }
}

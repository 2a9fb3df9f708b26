// The flash of a board: pages beside those of the interpreter and its files, erased and programmed as they are.

import type { Flash, FlashPage } from "../hal.ts";
import type { Board } from "./board.ts";

const WORD_BYTES = 4;
/** nRF52840 Product Specification §4.3.1: n_WRITE = 2 between erasures. An STM32F4 bears any number that only clears bits. */
const WRITES_PER_WORD = 2;

/** The interpreter does not call these pages free: it is larger than the board's description has it, or another board's. */
export class FlashTakenError {}

class RawFlash implements Flash {
  readonly pages: readonly FlashPage[];
  readonly wordBytes: number;
  readonly writesPerWord: number;
  private readonly module: FlashModule;

  constructor(pages: readonly FlashPage[], module: FlashModule) {
    this.pages = pages;
    this.wordBytes = WORD_BYTES;
    this.writesPerWord = WRITES_PER_WORD;
    this.module = module;
  }

  read(address: number, lengthBytes: number): Uint8Array {
    return lengthBytes === 0 ? new Uint8Array(0) : this.module.read(lengthBytes, address);
  }

  program(address: number, bytes: Uint8Array): void {
    this.module.write(bytes, address);
  }

  erase(page: number): void {
    this.module.erasePage(this.pages[page].address);
  }
}

/** @throws FlashTakenError */
export function boardFlash(board: Board): Flash {
  const module = global.require("Flash");
  const address = board.flash.address;
  const pageBytes = board.flash.pageBytes;
  const pages = board.flash.pages;
  const end = address + pageBytes * pages;
  const area = module.getFree().find((free) => free.addr <= address && free.addr + free.length >= end);
  if (area === undefined) throw new FlashTakenError();
  const list: FlashPage[] = [];
  for (let i = 0; i < pages; i++) list.push({ address: address + i * pageBytes, lengthBytes: pageBytes });
  return new RawFlash(list, module);
}

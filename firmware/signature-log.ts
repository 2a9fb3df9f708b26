// The signature journal's memory: what each private key has made, in a ring of whole pages of its own (flash-regions.ts). An entry is written
// once and never copied; the oldest page is given up for a new one.
//
//   page    "SSJ" 01 | counter of its first entry (4) | hash of the entry before (32) | CRC-32 of all before (4)
//   entry   slot (1) | kind (1) | FF FF | digest (32) | CRC-32 of all before (4)
//
// Entry n's hash is in protocol/vendor.ts; it is not stored, but for the one before each page. The head is the page whose counter is the
// highest: counter and hash come from replaying it. An entry whose checksum is wrong was cut short while it was written: what it told of
// never happened, and its place stays void. A page whose last entry does not have the counter and the hash that the next page begins with is
// what an erasure cut short has left of the oldest: it is not read. So is whatever lies before it.

import { concatBytes, copyBytes, equalBytes, readUint32, writeUint32 } from "../protocol/bytes.ts";
import { JOURNAL_READABLE_ENTRIES } from "../protocol/vendor.ts";
import { isErasedPage, JournalError } from "./flash-geometry.ts";
import type { CryptoProvider, Flash } from "./hal.ts";

const LOG_LAYOUT_VERSION = 1;
const CHECKSUM_BYTES = 4;
const DIGEST_BYTES = 32;
const FIRST_OFFSET = 4;
const HASH_OFFSET = 8;
const HEADER_BYTES = HASH_OFFSET + DIGEST_BYTES + CHECKSUM_BYTES;
const DIGEST_OFFSET = 4;
const PLACE_BYTES = DIGEST_OFFSET + DIGEST_BYTES + CHECKSUM_BYTES;
const ERASED_WORD = 0xffffffff;
const NO_PAGE = -1;
/** Entries cut short that leave JOURNAL_READABLE_ENTRIES readable, as long as no more of them lie in the pages behind the oldest. */
const VOID_PLACES = 32;

/** Slot (1), kind (1), digest (32). */
export const LOG_ENTRY_BYTES = 34;
/** What an entry's hash is taken of: the hash before, the counter (4), the entry. */
const CHAINED_BYTES = DIGEST_BYTES + 4 + LOG_ENTRY_BYTES;

export interface LogReading {
  /** Counter of the first entry; the newest's + 1 when there is none. */
  readonly first: number;
  /** Of the entry before the first. */
  readonly hashBefore: Uint8Array;
  /** LOG_ENTRY_BYTES each. */
  readonly entries: Uint8Array[];
}

function placesAPage(pageBytes: number): number {
  return Math.floor((pageBytes - HEADER_BYTES) / PLACE_BYTES);
}

/** One page is being filled, the others keep what has to stay readable. */
export function logPages(pageBytes: number): number {
  return 1 + Math.ceil((JOURNAL_READABLE_ENTRIES + VOID_PLACES) / placesAPage(pageBytes));
}

/** How far the log goes. */
class LogEnd {
  counter: number;
  hash: Uint8Array;

  constructor(counter: number, hash: Uint8Array) {
    this.counter = counter;
    this.hash = hash;
  }

  /** @param bytes the entry as it lies in the flash */
  add(crypto: CryptoProvider, bytes: Uint8Array): void {
    const n = ++this.counter;
    const chained = new Uint8Array(CHAINED_BYTES);
    chained.set(this.hash, 0);
    chained.set([n >>> 24, n >>> 16, n >>> 8, n, bytes[0], bytes[1]], DIGEST_BYTES);
    chained.set(bytes.subarray(DIGEST_OFFSET, DIGEST_OFFSET + DIGEST_BYTES), CHAINED_BYTES - DIGEST_BYTES);
    this.hash = crypto.sha256(chained);
  }
}

export class SignatureLog {
  private readonly flash: Flash;
  private readonly crypto: CryptoProvider;
  /** NO_PAGE: none has ever been opened. */
  private head: number;
  /** Where the next entry goes in the head. */
  private place: number;
  private end: LogEnd;
  private readonly places: number;

  /**
   * @param flash all its pages are the log's
   * @throws JournalError a log of another layout version
   */
  constructor(flash: Flash, crypto: CryptoProvider) {
    this.flash = flash;
    this.crypto = crypto;
    this.head = NO_PAGE;
    this.place = 0;
    this.places = placesAPage(flash.pages[0].lengthBytes);
    this.end = new LogEnd(0, new Uint8Array(DIGEST_BYTES));
    const starts = flash.pages.map((_, page) => this.startOf(page));
    let newest = 0;
    for (const start of starts) if (start !== null) newest = Math.max(newest, start.counter);
    for (let page = 0; page < starts.length; page++) {
      const start = starts[page];
      // What a cut has left of a page, or what the journal kept here before there was a log: it may hold copies of secrets.
      if (start === null && !this.isErased(page)) flash.erase(page);
      if (start !== null && start.counter === newest) this.takeHead(page, start);
    }
  }

  /** Two pages begin with the same counter when every place of the one is void: then it is the other that matters. */
  private takeHead(page: number, start: LogEnd): void {
    const place = this.replay(page, start, () => {});
    const isBehind = start.counter < this.end.counter || (start.counter === this.end.counter && place >= this.place);
    if (this.head !== NO_PAGE && isBehind) return;
    this.head = page;
    this.place = place;
    this.end = start;
  }

  /** Of the newest entry; 0: none. */
  counter(): number {
    return this.end.counter;
  }

  /** Of the newest entry, 32 bytes. */
  hash(): Uint8Array {
    return this.end.hash;
  }

  /** @param digest 32 bytes */
  append(slot: number, kind: number, digest: Uint8Array): void {
    if (this.head === NO_PAGE || this.place === this.places) this.openPage();
    const bytes = new Uint8Array(PLACE_BYTES);
    bytes.set([slot, kind, 0xff, 0xff], 0);
    bytes.set(digest, DIGEST_OFFSET);
    this.seal(bytes);
    // Reckoned first: whatever throws (a board may be out of memory), what is told and what is in the flash agree.
    const end = new LogEnd(this.end.counter, this.end.hash);
    end.add(this.crypto, bytes);
    this.flash.program(this.addressOf(this.head, this.place), bytes);
    this.place++;
    this.end = end;
  }

  /** At most `count` entries from that with the counter `first` on, or from the oldest that is still there. */
  read(first: number, count: number): LogReading {
    const entries: Uint8Array[] = [];
    if (this.head === NO_PAGE) return { first: 1, hashBefore: this.end.hash, entries };
    const pages = [this.head];
    let start = this.startOf(this.head) as LogEnd;
    while (first <= start.counter && pages.length < this.flash.pages.length) {
      const page = (pages[pages.length - 1] + this.flash.pages.length - 1) % this.flash.pages.length;
      const before = this.startOf(page);
      if (before === null || !this.isFollowedBy(page, start)) break;
      pages.push(page);
      start = before;
    }
    let hashBefore = start.hash;
    const from = Math.max(start.counter + 1, Math.min(first, this.end.counter + 1));
    while (pages.length > 0 && entries.length < count) {
      this.replay(pages.pop() as number, start, (entry) => {
        if (start.counter < from) hashBefore = start.hash;
        else if (entries.length < count) entries.push(entry);
      });
    }
    return { first: from, hashBefore, entries };
  }

  private isErased(page: number): boolean {
    return isErasedPage(this.flash, page, (data) => this.crypto.crc32(data));
  }

  /** Writes the checksum of all before it. */
  private seal(bytes: Uint8Array): void {
    const end = bytes.length - CHECKSUM_BYTES;
    bytes.set(this.crypto.crc32(bytes.subarray(0, end)), end);
  }

  private isSealed(bytes: Uint8Array): boolean {
    const end = bytes.length - CHECKSUM_BYTES;
    return equalBytes(this.crypto.crc32(bytes.subarray(0, end)), bytes.subarray(end, bytes.length));
  }

  private addressOf(page: number, place: number): number {
    return this.flash.pages[page].address + HEADER_BYTES + place * PLACE_BYTES;
  }

  private entryIn(bytes: Uint8Array): Uint8Array {
    return concatBytes([bytes.subarray(0, 2), bytes.subarray(DIGEST_OFFSET, DIGEST_OFFSET + DIGEST_BYTES)]);
  }

  /** What was before the first entry of a page; null: it is no page of the log. */
  private startOf(page: number): LogEnd | null {
    const header = this.flash.read(this.flash.pages[page].address, HEADER_BYTES);
    if (header[0] !== 0x53 || header[1] !== 0x53 || header[2] !== 0x4a || !this.isSealed(header)) return null;
    if (header[3] !== LOG_LAYOUT_VERSION) throw new JournalError("the flash holds a signature journal of another layout version");
    return new LogEnd(readUint32(header, FIRST_OFFSET) - 1, copyBytes(header, HASH_OFFSET, HASH_OFFSET + DIGEST_BYTES));
  }

  /**
   * Leads `end` from the start of a page to its end, and shows each entry to `visit` when `end` tells of it.
   * The answer is the first place that was not yet written.
   */
  private replay(page: number, end: LogEnd, visit: (entry: Uint8Array) => void): number {
    for (let place = 0; place < this.places; place++) {
      const bytes = this.flash.read(this.addressOf(page, place), PLACE_BYTES);
      if (readUint32(bytes, 0) === ERASED_WORD) return place;
      if (!this.isSealed(bytes)) continue;
      end.add(this.crypto, bytes);
      visit(this.entryIn(bytes));
    }
    return this.places;
  }

  private isFollowedBy(page: number, next: LogEnd): boolean {
    const end = this.startOf(page) as LogEnd;
    this.replay(page, end, () => {});
    return end.counter === next.counter && equalBytes(end.hash, next.hash);
  }

  /** Until the header is complete the page before is the head, and full. */
  private openPage(): void {
    const page = (this.head + 1) % this.flash.pages.length;
    if (!this.isErased(page)) this.flash.erase(page);
    const header = new Uint8Array(HEADER_BYTES);
    header.set([0x53, 0x53, 0x4a, LOG_LAYOUT_VERSION], 0);
    writeUint32(header, FIRST_OFFSET, this.end.counter + 1);
    header.set(this.end.hash, HASH_OFFSET);
    this.seal(header);
    this.flash.program(this.flash.pages[page].address, header);
    this.head = page;
    this.place = 0;
  }
}

/** What the journal keeps of a signed digest: 32 bytes; a longer one as its SHA-256, a shorter one with zeros before. */
export function loggedDigest(crypto: CryptoProvider, digest: Uint8Array): Uint8Array {
  if (digest.length === 32) return digest;
  if (digest.length > 32) return crypto.sha256(digest);
  const padded = new Uint8Array(32);
  padded.set(digest, 32 - digest.length);
  return padded;
}

// The token's memory: values by id, kept in an append-only journal that rotates over the flash pages. Nothing is ever changed in
// place: a new value is a new record, the newest complete record counts, and the oldest page is reclaimed by writing its live values
// again at the head before it is erased. So there is no moment in which a value exists nowhere.
//
//   page    "SCJ" 01 | sequence (4) | CRC-32 of the eight bytes before (4)
//   record  length (2) | its complement (2) | entries … | filler FF | CRC-32 of all before (4)
//   entry   id (2) | length (2; FFFF: deleted) | value
//
// A header half written never passes its complement (a bit not yet cleared shows as 1 in both), so the length of a record can be
// trusted whenever the header reads well, even when the record behind it was cut short.

import { concatBytes, copyBytes, equalBytes, readUint32, writeUint32 } from "../protocol/bytes.ts";
import type { Flash } from "./hal.ts";

const LAYOUT_VERSION = 1;
const PAGE_HEADER_BYTES = 12;
const RECORD_HEADER_BYTES = 4;
const ENTRY_HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;
const DELETED_LENGTH = 0xffff;

/** The journal has no room for a value. Nothing was changed. */
export class JournalFullError {}

export interface JournalEntry {
  readonly id: number;
  /** null: forget the id. */
  readonly value: Uint8Array | null;
}

/** Where the live value of an id lies. */
interface Place {
  readonly id: number;
  readonly page: number;
  readonly address: number;
  readonly lengthBytes: number;
}

export class Journal {
  private readonly flash: Flash;
  private readonly crc32: (data: Uint8Array) => Uint8Array;
  private places: Place[];
  /** Pages with records, oldest first; the last is the head. */
  private order: number[];
  private headSequence: number;
  /** Offset in the head page where the next record goes; the page's length when it takes no more. */
  private headOffset: number;

  /** Reads the journal that is in the flash; an empty or foreign flash becomes an empty journal with the first write. */
  constructor(flash: Flash, crc32: (data: Uint8Array) => Uint8Array) {
    this.flash = flash;
    this.crc32 = crc32;
    this.places = [];
    this.order = [];
    this.headSequence = 0;
    this.headOffset = 0;
    this.load();
  }

  /** A copy of the value, or null when there is none. */
  read(id: number): Uint8Array | null {
    const place = this.places.find((candidate) => candidate.id === id);
    return place === undefined ? null : this.flash.read(place.address, place.lengthBytes);
  }

  /**
   * Writes all entries in one record: after a cut either all of them count or none.
   * @throws JournalFullError when they do not fit
   */
  write(entries: readonly JournalEntry[]): void {
    const record = this.encodeRecord(entries);
    let moves = 0;
    while (this.order.length === 0 || this.headOffset + record.length > this.pageLength(this.head())) {
      // Each round frees one page; when all have gone round without making room there is none.
      if (moves > this.flash.pages.length) throw new JournalFullError();
      if (!this.fits(record.length)) throw new JournalFullError();
      this.advance();
      moves++;
    }
    this.append(record, entries);
  }

  /**
   * Whether a new value of this length may be written. It leaves a page's worth to the values that must always be written (the
   * counters of tries): a token full of certificates still checks its PIN.
   */
  roomFor(valueBytes: number): boolean {
    const capacity = this.pageLength(0) - PAGE_HEADER_BYTES;
    const record = this.recordLength(ENTRY_HEADER_BYTES + valueBytes);
    return record <= capacity && this.liveBytes() + record <= (this.flash.pages.length - 3) * capacity;
  }

  /** Bytes that live values take, with their records' frames. */
  private liveBytes(): number {
    let sum = 0;
    for (const place of this.places) sum += this.recordLength(ENTRY_HEADER_BYTES + place.lengthBytes);
    return sum;
  }

  /** A page stays free for reclaiming, and another's worth may be lost to records that do not fill their page. */
  private fits(recordBytes: number): boolean {
    const capacity = this.pageLength(0) - PAGE_HEADER_BYTES;
    if (recordBytes > capacity) return false;
    return this.liveBytes() + recordBytes <= (this.flash.pages.length - 2) * capacity;
  }

  private head(): number {
    return this.order[this.order.length - 1];
  }

  private pageLength(page: number): number {
    return this.flash.pages[page].lengthBytes;
  }

  private recordLength(entriesBytes: number): number {
    const word = this.flash.wordBytes;
    return Math.ceil((RECORD_HEADER_BYTES + entriesBytes) / word) * word + CHECKSUM_BYTES;
  }

  private encodeRecord(entries: readonly JournalEntry[]): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const entry of entries) {
      const length = entry.value === null ? DELETED_LENGTH : entry.value.length;
      parts.push(new Uint8Array([entry.id >> 8, entry.id & 0xff, length >> 8, length & 0xff]));
      if (entry.value !== null) parts.push(entry.value);
    }
    const body = concatBytes(parts);
    const record = new Uint8Array(this.recordLength(body.length)).fill(0xff);
    const complement = body.length ^ 0xffff;
    record.set([body.length >> 8, body.length & 0xff, complement >> 8, complement & 0xff], 0);
    record.set(body, RECORD_HEADER_BYTES);
    const end = record.length - CHECKSUM_BYTES;
    record.set(this.crc32(record.subarray(0, end)), end);
    return record;
  }

  private append(record: Uint8Array, entries: readonly JournalEntry[]): void {
    const page = this.head();
    const address = this.flash.pages[page].address + this.headOffset;
    this.headOffset += record.length;
    this.flash.program(address, record);
    let at = address + RECORD_HEADER_BYTES;
    for (const entry of entries) {
      const lengthBytes = entry.value === null ? DELETED_LENGTH : entry.value.length;
      this.place({ id: entry.id, page, address: at + ENTRY_HEADER_BYTES, lengthBytes });
      at += ENTRY_HEADER_BYTES + (entry.value === null ? 0 : lengthBytes);
    }
  }

  private place(place: Place): void {
    this.places = this.places.filter((other) => other.id !== place.id);
    if (place.lengthBytes !== DELETED_LENGTH) this.places.push(place);
  }

  /** Makes a fresh page the head, and reclaims the oldest when no further page is free. */
  private advance(): void {
    let fresh = 0;
    while (this.order.includes(fresh)) fresh++;
    this.openPage(fresh);
    if (this.order.length === this.flash.pages.length) this.reclaim(this.order[0]);
  }

  private openPage(page: number): void {
    const address = this.flash.pages[page].address;
    if (!this.isErased(page)) this.flash.erase(page);
    const header = new Uint8Array(PAGE_HEADER_BYTES);
    header.set([0x53, 0x43, 0x4a, LAYOUT_VERSION], 0);
    writeUint32(header, 4, this.headSequence + 1);
    header.set(this.crc32(header.subarray(0, 8)), 8);
    this.flash.program(address, header);
    this.headSequence++;
    this.order.push(page);
    this.headOffset = PAGE_HEADER_BYTES;
  }

  /** Writes the live values of the oldest page again at the head, makes the page worthless, erases it. */
  private reclaim(oldest: number): void {
    const live = this.places.filter((candidate) => candidate.page === oldest);
    const entries = live.map((place) => ({ id: place.id, value: this.flash.read(place.address, place.lengthBytes) }));
    // One record: so they never take more room than they had, whatever records they came from.
    if (entries.length > 0) this.append(this.encodeRecord(entries), entries);
    // An erasure cut short leaves anything; without its header the page can't come back with half of what it held.
    this.flash.program(this.flash.pages[oldest].address, new Uint8Array(PAGE_HEADER_BYTES));
    this.order.splice(0, 1);
    this.flash.erase(oldest);
  }

  private isErased(page: number): boolean {
    for (const byte of this.flash.read(this.flash.pages[page].address, this.pageLength(page))) if (byte !== 0xff) return false;
    return true;
  }

  /** The sequence number in a page's header, or −1 when the page is none of ours. */
  private sequenceOf(page: number): number {
    const header = this.flash.read(this.flash.pages[page].address, PAGE_HEADER_BYTES);
    const ours = header[0] === 0x53 && header[1] === 0x43 && header[2] === 0x4a && header[3] === LAYOUT_VERSION;
    if (!ours || !equalBytes(this.crc32(header.subarray(0, 8)), copyBytes(header, 8, PAGE_HEADER_BYTES))) return -1;
    return readUint32(header, 4);
  }

  private load(): void {
    const found: { page: number; sequence: number }[] = [];
    for (let page = 0; page < this.flash.pages.length; page++) {
      const sequence = this.sequenceOf(page);
      if (sequence >= 0) found.push({ page, sequence });
    }
    if (found.length === this.flash.pages.length) this.abandonNewest(found);
    while (found.length > 0) {
      let first = 0;
      for (let i = 1; i < found.length; i++) if (found[i].sequence < found[first].sequence) first = i;
      this.order.push(found[first].page);
      this.headSequence = found[first].sequence;
      this.headOffset = this.replay(found[first].page);
      found.splice(first, 1);
    }
  }

  /**
   * With every page in use, the power was cut while the oldest was being reclaimed. The newest then holds copies of what is in the oldest,
   * and nothing else: without it, all is as it was before.
   */
  private abandonNewest(found: { page: number; sequence: number }[]): void {
    let newest = 0;
    for (let i = 1; i < found.length; i++) if (found[i].sequence > found[newest].sequence) newest = i;
    this.flash.erase(found[newest].page);
    found.splice(newest, 1);
  }

  /** Takes in the records of a page. The answer is the offset behind the last, or the page's length when it takes no more. */
  private replay(page: number): number {
    const start = this.flash.pages[page].address;
    const bytes = this.flash.read(start, this.pageLength(page));
    let offset = PAGE_HEADER_BYTES;
    while (offset + RECORD_HEADER_BYTES <= bytes.length) {
      const length = (bytes[offset] << 8) | bytes[offset + 1];
      const complement = (bytes[offset + 2] << 8) | bytes[offset + 3];
      if (length === 0xffff && complement === 0xffff) return offset;
      const record = this.recordLength(length);
      if ((length ^ complement) !== 0xffff || offset + record > bytes.length) return bytes.length;
      const end = offset + record - CHECKSUM_BYTES;
      const sound = equalBytes(this.crc32(bytes.subarray(offset, end)), copyBytes(bytes, end, end + CHECKSUM_BYTES));
      if (sound) this.takeEntries(bytes, page, start, offset + RECORD_HEADER_BYTES, length);
      offset += record;
    }
    return bytes.length;
  }

  private takeEntries(bytes: Uint8Array, page: number, start: number, from: number, length: number): void {
    let at = from;
    while (at < from + length) {
      const lengthBytes = (bytes[at + 2] << 8) | bytes[at + 3];
      this.place({ id: (bytes[at] << 8) | bytes[at + 1], page, address: start + at + ENTRY_HEADER_BYTES, lengthBytes });
      at += ENTRY_HEADER_BYTES + (lengthBytes === DELETED_LENGTH ? 0 : lengthBytes);
    }
  }
}

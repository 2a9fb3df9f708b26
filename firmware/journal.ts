// The token's memory: values by id, kept in an append-only journal that rotates over the flash pages (its bytes: journal-layout.ts). No
// live value is ever changed in place: a new value is a new record, the newest complete record counts, and the oldest page is reclaimed
// by writing its live values again at the head before it is erased. So there is no moment in which a value exists nowhere.
//
// Secrets (journal-ids.ts) don't wait for the erasure. When a write leaves a record that holds one without any live value, the record is
// zeroised in place by a second programming: its checksum first, as the mark of a zeroisation begun, then all between header and checksum.
// A record counts as a whole, so nothing live is ever in a record that is zeroised: whoever writes a secret together with other values (a
// key with the revision, a PIN with its tries) writes those again whenever he writes the secret, and reclaiming leaves such values
// together, apart from all others. A record that also deletes an id stays: what it deletes may still lie in an older page. Opening the
// journal finishes what a cut has interrupted: a stale secret still whole is zeroised; where a zeroisation had begun, a word may have
// borne both its programmings, so the page is brought to its erasure instead; a page half erased is erased again.

import { copyBytes, equalBytes } from "../protocol/bytes.ts";
import type { Flash } from "./hal.ts";
import { isSecret } from "./journal-ids.ts";
import {
  CHECKSUM_BYTES,
  DELETED_LENGTH,
  ENTRY_HEADER_BYTES,
  encodeRecord,
  entriesLength,
  entriesOf,
  isErasedWord,
  isZero,
  type JournalEntry,
  NO_PAGE,
  OTHER_LAYOUT,
  OTHER_LAYOUT_UNSURE,
  PAGE_HEADER_BYTES,
  pageHeader,
  RECORD_HEADER_BYTES,
  recordLength,
  sequenceOf,
  WORD_BYTES,
} from "./journal-layout.ts";

export type { JournalEntry } from "./journal-layout.ts";

/** A word is programmed with its value and once more with zeros. */
const WRITES_PER_WORD = 2;

/** The journal has no room for a value. Nothing was changed. */
export class JournalFullError {}

/** This flash can't be worked with: its geometry, or a journal of another layout in it. A plain class: Espruino cannot extend Error. */
export class JournalError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Where the live value of an id lies. */
interface Place {
  readonly id: number;
  readonly page: number;
  /** Address of its record. */
  readonly record: number;
  readonly address: number;
  readonly lengthBytes: number;
  /** Some entry of its record is a secret. */
  readonly besideSecret: boolean;
}

/** A record that loading looks at again when it knows what is live. */
interface Suspect {
  readonly page: number;
  readonly address: number;
  readonly lengthBytes: number;
  readonly sound: boolean;
}

function checkGeometry(flash: Flash): void {
  if (flash.wordBytes !== WORD_BYTES) throw new JournalError("the flash must have words of 4 bytes");
  if (flash.writesPerWord < WRITES_PER_WORD) throw new JournalError("the flash must bear two programmings of a word");
  for (const page of flash.pages) {
    if (page.lengthBytes !== flash.pages[0].lengthBytes) throw new JournalError("the flash's pages must have one length");
  }
}

export class Journal {
  private readonly flash: Flash;
  private readonly crc32: (data: Uint8Array) => Uint8Array;
  private readonly erasedChecksum: Uint8Array;
  private places: Place[];
  /** Pages with records, oldest first; the last is the head. */
  private order: number[];
  private headSequence: number;
  /** Offset in the head page where the next record goes; the page's length when it takes no more. */
  private headOffset: number;

  /**
   * Reads the journal that is in the flash; an empty or foreign flash becomes an empty journal with the first write.
   * @throws JournalError
   */
  constructor(flash: Flash, crc32: (data: Uint8Array) => Uint8Array) {
    checkGeometry(flash);
    this.flash = flash;
    this.crc32 = crc32;
    this.erasedChecksum = crc32(new Uint8Array(flash.pages[0].lengthBytes).fill(0xff));
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

  /** The ids that have a value. */
  ids(): number[] {
    return this.places.map((place) => place.id);
  }

  /**
   * Writes all entries in one record: after a cut either all of them count or none.
   * @throws JournalFullError when they do not fit
   */
  write(entries: readonly JournalEntry[]): void {
    const record = encodeRecord(entries, this.crc32);
    let moves = 0;
    while (this.order.length === 0 || this.headOffset + record.length > this.pageLength(this.head())) {
      // Each round frees one page; when all have gone round without making room there is none.
      if (moves > this.flash.pages.length) throw new JournalFullError();
      if (!this.fits(record.length)) throw new JournalFullError();
      this.advance();
      moves++;
    }
    const ids = entries.map((entry) => entry.id);
    const touched: number[] = [];
    for (const place of this.places) {
      if (place.besideSecret && ids.includes(place.id) && !touched.includes(place.record)) touched.push(place.record);
    }
    this.append(record);
    for (const address of touched) this.zeroiseIfStale(address);
  }

  /**
   * Whether a new value of this length may be written, in place of that of `replacedId` when one is given. It leaves a page's worth to
   * the values that must always be written (the counters of tries): a token full of certificates still checks its PIN.
   */
  roomFor(valueBytes: number, replacedId?: number): boolean {
    const capacity = this.pageLength(0) - PAGE_HEADER_BYTES;
    const record = recordLength(ENTRY_HEADER_BYTES + valueBytes);
    const others = this.liveBytes(this.places.filter((place) => place.id !== replacedId));
    return record <= capacity && others + record <= (this.flash.pages.length - 3) * capacity;
  }

  /** Bytes that live values take, with their records' frames. */
  private liveBytes(places: readonly Place[]): number {
    let sum = 0;
    for (const place of places) sum += recordLength(ENTRY_HEADER_BYTES + place.lengthBytes);
    return sum;
  }

  /** A page stays free for reclaiming, and another's worth may be lost to records that do not fill their page. */
  private fits(recordBytes: number): boolean {
    const capacity = this.pageLength(0) - PAGE_HEADER_BYTES;
    if (recordBytes > capacity) return false;
    return this.liveBytes(this.places) + recordBytes <= (this.flash.pages.length - 2) * capacity;
  }

  private head(): number {
    return this.order[this.order.length - 1];
  }

  private pageLength(page: number): number {
    return this.flash.pages[page].lengthBytes;
  }

  private append(record: Uint8Array): void {
    const page = this.head();
    const address = this.flash.pages[page].address + this.headOffset;
    this.headOffset += record.length;
    this.flash.program(address, record);
    this.takeEntries(record, page, address);
    record.fill(0);
  }

  /** Takes in the entries of a sound record. True when one of them is a secret. */
  private takeEntries(record: Uint8Array, page: number, address: number): boolean {
    const entries = entriesOf(record, address);
    const besideSecret = entries.find((entry) => isSecret(entry.id)) !== undefined;
    for (const entry of entries) {
      this.forget(entry.id);
      if (entry.lengthBytes === DELETED_LENGTH) continue;
      this.places.push({ id: entry.id, page, record: address, address: entry.address, lengthBytes: entry.lengthBytes, besideSecret });
    }
    return besideSecret;
  }

  private forget(id: number): void {
    this.places = this.places.filter((place) => place.id !== id);
  }

  /** Zeroises a sound record that holds a secret and nothing that still counts. */
  private zeroiseIfStale(address: number): void {
    if (this.places.find((place) => place.record === address) !== undefined) return;
    const header = this.flash.read(address, RECORD_HEADER_BYTES);
    const record = this.flash.read(address, recordLength((header[0] << 8) | header[1]));
    const entries = entriesOf(record, address);
    if (entries.find((entry) => entry.lengthBytes === DELETED_LENGTH) !== undefined) return;
    this.flash.program(address + record.length - CHECKSUM_BYTES, new Uint8Array(CHECKSUM_BYTES));
    this.flash.program(address + RECORD_HEADER_BYTES, new Uint8Array(record.length - RECORD_HEADER_BYTES - CHECKSUM_BYTES));
  }

  /** Makes a fresh page the head, and reclaims the oldest when no further page is free. */
  private advance(): void {
    let fresh = 0;
    while (this.order.includes(fresh)) fresh++;
    this.openPage(fresh);
    if (this.order.length === this.flash.pages.length) this.reclaim(this.order[0]);
  }

  private openPage(page: number): void {
    if (!this.isErased(page)) this.flash.erase(page);
    this.flash.program(this.flash.pages[page].address, pageHeader(this.headSequence + 1, this.crc32));
    this.headSequence++;
    this.order.push(page);
    this.headOffset = PAGE_HEADER_BYTES;
  }

  /** Writes the live values of the oldest page again at the head, makes the page worthless, erases it. */
  private reclaim(oldest: number): void {
    // A record with a live secret keeps its values together. The others make one record: so all never take more room than they had.
    const live = this.places.filter((place) => place.page === oldest);
    const secretRecords = live.filter((place) => isSecret(place.id)).map((place) => place.record);
    for (const record of secretRecords) this.copyRecord(record);
    this.copy(live.filter((place) => !secretRecords.includes(place.record)));
    // An erasure cut short leaves anything; without its header the page can't come back with half of what it held.
    this.flash.program(this.flash.pages[oldest].address, new Uint8Array(PAGE_HEADER_BYTES));
    this.order.splice(0, 1);
    this.flash.erase(oldest);
  }

  /** Nothing is left to copy when it is called again for the same record. */
  private copyRecord(address: number): void {
    this.copy(this.places.filter((place) => place.record === address));
  }

  private copy(places: readonly Place[]): void {
    if (places.length === 0) return;
    const entries = places.map((place) => ({ id: place.id, value: this.flash.read(place.address, place.lengthBytes) }));
    this.append(encodeRecord(entries, this.crc32));
  }

  private isErased(page: number): boolean {
    return equalBytes(this.crc32(this.flash.read(this.flash.pages[page].address, this.pageLength(page))), this.erasedChecksum);
  }

  private load(): void {
    const found = this.findPages();
    if (found.length === this.flash.pages.length) this.abandonNewest(found);
    const suspects: Suspect[] = [];
    while (found.length > 0) {
      let first = 0;
      for (let i = 1; i < found.length; i++) if (found[i].sequence < found[first].sequence) first = i;
      this.order.push(found[first].page);
      this.headSequence = found[first].sequence;
      this.headOffset = this.replay(found[first].page, suspects);
      found.splice(first, 1);
    }
    if (this.order.length > 0) this.finishErasures();
    this.finishZeroisations(suspects);
  }

  /** The pages of the journal, each with its sequence number. */
  private findPages(): { page: number; sequence: number }[] {
    const found: { page: number; sequence: number }[] = [];
    let otherLayout = false;
    let maybeOtherLayout = false;
    for (let page = 0; page < this.flash.pages.length; page++) {
      const sequence = sequenceOf(this.flash.read(this.flash.pages[page].address, PAGE_HEADER_BYTES), this.crc32);
      if (sequence > NO_PAGE) found.push({ page, sequence });
      if (sequence === OTHER_LAYOUT) otherLayout = true;
      if (sequence === OTHER_LAYOUT_UNSURE) maybeOtherLayout = true;
    }
    // Such a token has a PIN and keys that this firmware can't read. Taken for blank, it would open to the factory's PIN.
    if (otherLayout || (maybeOtherLayout && found.length === 0))
      throw new JournalError("the flash holds a journal of another layout version");
    return found;
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
  private replay(page: number, suspects: Suspect[]): number {
    const start = this.flash.pages[page].address;
    const bytes = this.flash.read(start, this.pageLength(page));
    let offset = PAGE_HEADER_BYTES;
    while (offset + RECORD_HEADER_BYTES <= bytes.length) {
      if (isErasedWord(bytes, offset)) return offset;
      const length = entriesLength(bytes, offset);
      if (length < 0) return bytes.length;
      const lengthBytes = recordLength(length);
      const end = offset + lengthBytes - CHECKSUM_BYTES;
      const sound = equalBytes(this.crc32(bytes.subarray(offset, end)), copyBytes(bytes, end, end + CHECKSUM_BYTES));
      const address = start + offset;
      const suspicious = sound ? this.takeEntries(bytes.subarray(offset, end), page, address) : !isErasedWord(bytes, end);
      if (suspicious) suspects.push({ page, address, lengthBytes, sound });
      offset += lengthBytes;
    }
    return bytes.length;
  }

  /** A page that is neither in use nor erased is what a cut has left of a reclaimed one: it may hold copies of secrets. */
  private finishErasures(): void {
    for (let page = 0; page < this.flash.pages.length; page++) {
      if (!this.order.includes(page) && !this.isErased(page)) this.flash.erase(page);
    }
  }

  /** @param suspects oldest page first */
  private finishZeroisations(suspects: readonly Suspect[]): void {
    for (const suspect of suspects) if (suspect.sound) this.zeroiseIfStale(suspect.address);
    for (const suspect of suspects) {
      if (suspect.sound) continue;
      const body = this.flash.read(suspect.address + RECORD_HEADER_BYTES, suspect.lengthBytes - RECORD_HEADER_BYTES - CHECKSUM_BYTES);
      if (isZero(body)) continue;
      // Only whole pages leave, and the oldest first: a deletion must not go before what it deletes.
      while (this.order.includes(suspect.page)) this.advance();
    }
  }
}

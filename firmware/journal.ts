// The token's memory: values by id, kept in an append-only journal that rotates over the flash pages (its bytes: journal-layout.ts). No
// live value is ever changed in place: a new value is a new record, the newest complete record counts, and the oldest page is reclaimed
// by writing its live values again at the head before it is erased. So there is no moment in which a value exists nowhere.
//
// Secrets (journal-ids.ts) don't wait for the erasure. When a write leaves a record that holds one without any live value, the record is
// zeroised in place by a second programming: its checksum first, as the mark of a zeroisation begun, then all between header and checksum.
// A record counts as a whole, so nothing live is ever in a record that is zeroised: whoever writes a secret together with other values (a
// key with the revision, a PIN with its tries) writes those again whenever he writes the secret, and reclaiming leaves such values
// together, apart from all others. A record that also deletes an id stays: what it deletes may still lie in an older page. Opening the
// journal finishes what a cut has interrupted: a page with a stale secret that is still there, whole or in part, is brought to its erasure
// (a word of it may have borne both its programmings already); a page half erased is erased again. What an erasure cut short has left of a
// page can't matter: whatever it held, newer pages have too, or tell deleted.
//
// Pages that an older firmware has left, in its layout and on any page of the flash, are read as they are. Opening the journal then moves
// their values to its own pages, by reclaiming one after the other, and goes on with that when it is opened again after a cut.

import { wipe } from "../protocol/bytes.ts";
import { checkGeometry, isErasedPage, JournalError } from "./flash-geometry.ts";
import type { Flash } from "./hal.ts";
import {
  CHECKSUM_BYTES,
  type Crc32,
  ENTRY_HEADER_BYTES,
  encodeRecord,
  isFormerLayout,
  isZero,
  type JournalEntry,
  PAGE_HEADER_BYTES,
  pageHeader,
  RECORD_HEADER_BYTES,
  recordLength,
} from "./journal-layout.ts";
import { entriesBytes, hasSecret, LivePlaces, type Place } from "./journal-places.ts";
import { JournalPlan, NO_PAGE_FREE, NO_PAGE_NEEDED, type PageLoad } from "./journal-plan.ts";
import { type FoundPage, type FoundRecord, findPages, replayPage } from "./journal-replay.ts";

export type { JournalEntry } from "./journal-layout.ts";

/** What is written in one record with a new value at the most: the revision, what is left of the key before. */
const BESIDE_BYTES = 128;

/** The journal has no room for a value. Nothing was changed. */
export class JournalFullError {}

/** A record that opening looks at again when it knows what is live. */
interface Suspect {
  readonly page: number;
  readonly record: FoundRecord;
}

export class Journal {
  private readonly flash: Flash;
  private readonly crc32: Crc32;
  private readonly ownPages: number;
  private places: LivePlaces;
  /** Pages with records, oldest first; the last is the head. */
  private order: number[];
  /** Those of them that have to go. */
  private foreign: number[];
  private headSequence: number;
  /** Offset in the head page where the next record goes; the page's length when it takes no more. */
  private headOffset: number;

  /**
   * Reads the journal that is in the flash; an empty or foreign flash becomes an empty journal with the first write.
   * @param ownPages how many pages of the flash, the first ones, are the journal's; all when absent
   * @throws JournalError
   */
  constructor(flash: Flash, crc32: Crc32, ownPages?: number) {
    checkGeometry(flash);
    this.flash = flash;
    this.crc32 = crc32;
    this.ownPages = ownPages === undefined ? flash.pages.length : ownPages;
    this.places = new LivePlaces();
    this.order = [];
    this.foreign = [];
    this.headSequence = 0;
    this.headOffset = 0;
    this.open();
  }

  /** A copy of the value, or null when there is none. */
  read(id: number): Uint8Array | null {
    const place = this.places.find(id);
    return place === undefined ? null : this.flash.read(place.address, place.lengthBytes);
  }

  has(id: number): boolean {
    return this.places.find(id) !== undefined;
  }

  /** A piece of a value that is there, for it alone to be copied. */
  readPiece(id: number, offset: number, lengthBytes: number): Uint8Array {
    return this.flash.read((this.places.find(id) as Place).address + offset, lengthBytes);
  }

  /** The ids that have a value. */
  ids(): number[] {
    return this.places.ids();
  }

  /**
   * Writes all entries in one record: after a cut either all of them count or none.
   * @throws JournalFullError when they do not fit
   */
  write(entries: readonly JournalEntry[]): void {
    const record = encodeRecord(entries, this.crc32);
    if (!this.headTakes(record.length) && !this.plan().makesRoom(record.length)) throw new JournalFullError();
    while (!this.headTakes(record.length)) this.advance();
    const touched = this.places.recordsBesideSecrets(entries.map((entry) => entry.id));
    this.append(record);
    for (const address of touched) this.zeroiseIfStale(address);
  }

  /**
   * Whether a new value of this length may be written, in place of that of `replacedId` when one is given, with what is written beside it.
   * It leaves a page's worth, and what a RESET needs in one piece, to the values that must always be written (the counters of tries, what is
   * left of erased keys) and to the life of the flash: a token full of certificates still checks its PIN and changes its keys.
   */
  roomFor(valueBytes: number, replacedId?: number): boolean {
    const capacity = this.pageBytes() - PAGE_HEADER_BYTES;
    const others = this.places.bytesBeside(replacedId);
    if (others + recordLength(ENTRY_HEADER_BYTES + valueBytes) > (this.ownPages - 2) * capacity) return false;
    const record = recordLength(ENTRY_HEADER_BYTES + valueBytes + BESIDE_BYTES);
    const plan = this.plan();
    if (!plan.makesRoom(record)) return false;
    plan.add(record);
    // A RESET names all ids in one record.
    return plan.makesRoom(BESIDE_BYTES + ENTRY_HEADER_BYTES * this.places.ids().length);
  }

  private head(): number {
    return this.order[this.order.length - 1];
  }

  private pageBytes(): number {
    return this.flash.pages[0].lengthBytes;
  }

  private headTakes(recordBytes: number): boolean {
    return this.order.length > 0 && this.headOffset + recordBytes <= this.pageBytes();
  }

  private plan(): JournalPlan {
    const loads: PageLoad[] = this.order.map((page) => {
      const groups = this.places.groupsOf(page);
      const entries = groups.splice(0, 1)[0].map((place) => entriesBytes([place]));
      const records = groups.map((group) => recordLength(entriesBytes(group)));
      return { page, isForeign: this.foreign.includes(page), records, entries };
    });
    return new JournalPlan(this.pageBytes(), this.flash.pages.length, this.ownPages, loads, this.headOffset);
  }

  private append(record: Uint8Array): void {
    const page = this.head();
    const address = this.flash.pages[page].address + this.headOffset;
    this.headOffset += record.length;
    this.flash.program(address, record);
    this.places.take(record, page, address);
    wipe(record);
  }

  private zeroiseIfStale(address: number): void {
    const header = this.flash.read(address, RECORD_HEADER_BYTES);
    const record = this.flash.read(address, recordLength((header[0] << 8) | header[1]));
    if (!this.places.isStale(address, record)) return;
    this.flash.program(address + record.length - CHECKSUM_BYTES, new Uint8Array(CHECKSUM_BYTES));
    this.flash.program(address + RECORD_HEADER_BYTES, new Uint8Array(record.length - RECORD_HEADER_BYTES - CHECKSUM_BYTES));
  }

  /** Makes room at the head: a fresh page, or when no further page would be free then, the oldest page's. */
  private advance(): void {
    const spare = this.plan().sparePage();
    if (spare === NO_PAGE_FREE) this.reclaimOldest();
    else this.openPage(spare);
  }

  private openPage(page: number): void {
    if (!this.isErased(page)) this.flash.erase(page);
    this.flash.program(this.flash.pages[page].address, pageHeader(this.headSequence + 1, this.crc32));
    this.headSequence++;
    this.order.push(page);
    if (page >= this.ownPages) this.foreign.push(page);
    this.headOffset = PAGE_HEADER_BYTES;
  }

  /** Writes the live values of the oldest page again at the head, then erases it. */
  private reclaimOldest(): void {
    const move = this.plan().nextMove();
    const oldest = this.order[0];
    const records = this.places.groupsOf(oldest);
    const others = records.splice(0, 1)[0];
    for (const record of records.splice(0, move.records)) this.copy(record);
    this.copy(others.splice(0, move.entries));
    if (move.page !== NO_PAGE_NEEDED) {
      this.openPage(move.page);
      for (const record of records) this.copy(record);
      this.copy(others);
    }
    this.order.splice(0, 1);
    this.foreign = this.foreign.filter((page) => page !== oldest);
    this.flash.erase(oldest);
  }

  private copy(places: readonly Place[]): void {
    if (places.length === 0) return;
    const entries = places.map((place) => ({
      id: place.id,
      value: place.isDeleted ? null : this.flash.read(place.address, place.lengthBytes),
    }));
    this.append(encodeRecord(entries, this.crc32));
  }

  private isErased(page: number): boolean {
    return isErasedPage(this.flash, page, this.crc32);
  }

  private open(): void {
    let suspects = this.load();
    if ((this.beginsMigration() && !this.plan().fitsWithGaps()) || !this.plan().endsMigration()) {
      throw new JournalError("what an older firmware has left in the flash does not fit into the pages that are the journal's now");
    }
    if (this.order.length > 0) this.finishErasures();
    if (this.foreign.length > 0) {
      while (this.foreign.length > 0) this.reclaimOldest();
      suspects = this.load();
      this.finishErasures();
    }
    this.finishZeroisations(suspects);
  }

  /** Reads what is there; changes nothing. The answer: what may be left of a secret, oldest page first. */
  private load(): Suspect[] {
    const found = findPages(this.flash, this.crc32);
    const usable = found.find((one) => this.isForeign(one)) === undefined ? this.ownPages : this.flash.pages.length;
    const suspects = this.replay(found);
    // With every page in use, the power was cut while the oldest was being reclaimed. If it still counts, the newest holds copies of what is
    // in it, and nothing else: without it, all is as it was before.
    const isFull = found.length === usable;
    if (isFull && this.places.isLive(found[0].page)) {
      found.pop();
      return this.replay(found);
    }
    // If it does not, its erasure is finished. (Foreign pages go as the plan has it, as long as there is a free one: not before one of the
    // journal's own is free.)
    const maybeHalfErased = found.length > 1 && !this.places.isLive(found[0].page);
    if (maybeHalfErased && (isFull || !this.isForeign(found[0]))) {
      this.order.splice(0, 1);
      this.foreign = this.foreign.filter((page) => page !== found[0].page);
    }
    return suspects;
  }

  /** No page has today's layout yet: the firmware before can still read all. */
  private beginsMigration(): boolean {
    return this.order.length > 0 && isFormerLayout(this.flash.read(this.flash.pages[this.head()].address, PAGE_HEADER_BYTES));
  }

  private isForeign(one: FoundPage): boolean {
    return one.isFormer || one.page >= this.ownPages;
  }

  private replay(found: readonly FoundPage[]): Suspect[] {
    const suspects: Suspect[] = [];
    this.places = new LivePlaces();
    this.order = found.map((one) => one.page);
    this.foreign = found.filter((one) => this.isForeign(one)).map((one) => one.page);
    found.forEach((one) => {
      this.headSequence = one.sequence;
      this.headOffset = replayPage(this.flash, one.page, this.crc32, (record, bytes) => {
        if (record.isSound) this.places.take(bytes, one.page, record.address);
        const isZeroised = !record.isSound && !record.isUnfinished;
        if (isZeroised || hasSecret(bytes)) suspects.push({ page: one.page, record });
      });
    });
    return suspects;
  }

  /** A page that is neither in use nor erased is what a cut has left of a reclaimed or of a fresh one: it may hold copies of secrets. */
  private finishErasures(): void {
    const end = this.foreign.length > 0 ? this.flash.pages.length : this.ownPages;
    for (let page = 0; page < end; page++) {
      if (!this.order.includes(page) && !this.isErased(page)) this.flash.erase(page);
    }
  }

  private finishZeroisations(suspects: readonly Suspect[]): void {
    let pages = 0;
    for (const suspect of suspects) {
      if (this.holdsStaleSecret(suspect.record)) pages = Math.max(pages, this.order.indexOf(suspect.page) + 1);
    }
    // Only whole pages leave, and the oldest first: a deletion must not go before what it deletes.
    for (let i = 0; i < pages; i++) this.reclaimOldest();
  }

  private holdsStaleSecret(record: FoundRecord): boolean {
    if (record.isSound) return this.places.isStale(record.address, this.flash.read(record.address, record.lengthBytes));
    const body = record.lengthBytes - RECORD_HEADER_BYTES - CHECKSUM_BYTES;
    return !isZero(this.flash.read(record.address + RECORD_HEADER_BYTES, body));
  }
}

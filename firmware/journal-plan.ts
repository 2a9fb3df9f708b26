// Which page the journal opens next, and where the values of its oldest page go: in numbers, so that it is known whether something will fit
// before anything is written. The journal itself asks here at each step, so it does exactly what was foreseen.
//
// A page is foreign when it has to go: it has the layout of an older firmware, or it lies outside of the journal's own pages (flash-regions.ts,
// which tells of migration). Only while there is a foreign page may pages outside be opened, and the last foreign page goes only when
// one of the journal's own is free afterwards.

import { PAGE_HEADER_BYTES, recordLength } from "./journal-layout.ts";

/** What a page holds that counts, as it is copied, in that order. */
export interface PageLoad {
  readonly page: number;
  readonly isForeign: boolean;
  /** Bytes of each record with a live secret. */
  readonly records: number[];
  /** Bytes of each other live entry: as many as fit make one record. */
  readonly entries: number[];
}

/** How the oldest page's values leave it: first so many records and entries go to the head as it is, then a page is opened for the rest. */
export interface Move {
  readonly records: number;
  readonly entries: number;
  /** NO_PAGE_NEEDED, or NO_PAGE_FREE: it can't be done. */
  readonly page: number;
}

export const NO_PAGE_NEEDED = -1;
export const NO_PAGE_FREE = -2;

function sumOf(lengths: readonly number[]): number {
  let sum = 0;
  for (const length of lengths) sum += length;
  return sum;
}

export class JournalPlan {
  private readonly pageBytes: number;
  private readonly pageCount: number;
  private readonly ownPages: number;
  /** Oldest first; the last is the head. */
  private readonly loads: PageLoad[];
  /** Bytes of the head that are taken. */
  private used: number;

  /**
   * @param pageCount of the whole flash, the journal's own pages first
   * @param loads taken over, not copied
   */
  constructor(pageBytes: number, pageCount: number, ownPages: number, loads: PageLoad[], used: number) {
    this.pageBytes = pageBytes;
    this.pageCount = pageCount;
    this.ownPages = ownPages;
    this.loads = loads;
    this.used = used;
  }

  private isInUse(page: number): boolean {
    return this.loads.find((each) => each.page === page) !== undefined;
  }

  /** The first one behind the head, all around: so that the pages wear evenly. */
  private firstFree(start: number, end: number): number {
    const head = this.loads.length === 0 ? end - 1 : this.loads[this.loads.length - 1].page;
    const first = head >= start && head < end ? head + 1 - start : 0;
    for (let i = 0; i < end - start; i++) {
      const page = start + ((first + i) % (end - start));
      if (!this.isInUse(page)) return page;
    }
    return NO_PAGE_FREE;
  }

  private outside(): number {
    return this.loads.filter((each) => each.page >= this.ownPages).length;
  }

  private freeOwnPages(): number {
    return this.ownPages - (this.loads.length - this.outside());
  }

  hasForeign(): boolean {
    return this.loads.find((each) => each.isForeign) !== undefined;
  }

  /** A page that may be opened with none reclaimed: another stays free then. */
  sparePage(): number {
    return this.freeOwnPages() > 1 && !this.hasForeign() ? this.firstFree(0, this.ownPages) : NO_PAGE_FREE;
  }

  /** How the oldest page is to be reclaimed. */
  nextMove(): Move {
    const oldest = this.loads[0];
    const head = this.loads[this.loads.length - 1];
    if (head === oldest || head.isForeign) return { records: 0, entries: 0, page: this.pageToOpen() };
    let space = this.pageBytes - this.used;
    let records = 0;
    while (records < oldest.records.length && oldest.records[records] <= space) space -= oldest.records[records++];
    let entries = 0;
    let sum = 0;
    while (entries < oldest.entries.length && recordLength(sum + oldest.entries[entries]) <= space) sum += oldest.entries[entries++];
    const isAll = records === oldest.records.length && entries === oldest.entries.length;
    const leavesOneFree = this.freeOwnPages() > 0 || oldest.page < this.ownPages;
    return { records, entries, page: isAll && leavesOneFree ? NO_PAGE_NEEDED : this.pageToOpen() };
  }

  private pageToOpen(): number {
    const free = this.freeOwnPages();
    const leavesOneFree = free > 1 || this.loads[0].page < this.ownPages;
    if (free > 0 && (leavesOneFree || this.outside() > 1)) return this.firstFree(0, this.ownPages);
    return this.firstFree(this.ownPages, this.hasForeign() ? this.pageCount : this.ownPages);
  }

  private open(page: number): void {
    this.loads.push({ page, isForeign: page >= this.ownPages, records: [], entries: [] });
    this.used = PAGE_HEADER_BYTES;
  }

  private copy(records: readonly number[], entries: readonly number[]): void {
    const head = this.loads[this.loads.length - 1];
    for (const record of records) head.records.push(record);
    for (const entry of entries) head.entries.push(entry);
    this.used += sumOf(records) + (entries.length === 0 ? 0 : recordLength(sumOf(entries)));
  }

  private moveOldest(): boolean {
    const move = this.nextMove();
    if (move.page === NO_PAGE_FREE) return false;
    const oldest = this.loads[0];
    this.copy(oldest.records.splice(0, move.records), oldest.entries.splice(0, move.entries));
    if (move.page !== NO_PAGE_NEEDED) {
      this.open(move.page);
      this.copy(oldest.records, oldest.entries);
    }
    this.loads.splice(0, 1);
    return true;
  }

  /** Goes on until the head takes a record of this length. False: it never will. */
  makesRoom(recordBytes: number): boolean {
    for (let i = 0; i <= 3 * this.pageCount; i++) {
      if (this.loads.length > 0 && this.used + recordBytes <= this.pageBytes) return true;
      const spare = this.sparePage();
      if (spare !== NO_PAGE_FREE) this.open(spare);
      else if (!this.moveOldest()) return false;
    }
    return false;
  }

  /** Takes in a record for which there is room. */
  add(recordBytes: number): void {
    this.copy([recordBytes], []);
  }

  /**
   * Whether the values fit into the journal's own pages but one, whichever of them a page begins with. What a page leaves free at its end is less
   * than the value that the next one begins with: so the longest ones, one a page, count twice. A migration that works out without that
   * may never end once a cut has left a gap, for the values then fall otherwise into the pages.
   */
  fitsWithGaps(): boolean {
    const lengths: number[] = [];
    for (const load of this.loads) {
      for (const length of load.records) lengths.push(length);
      for (const length of load.entries) lengths.push(recordLength(length));
    }
    const pages = this.ownPages - 1;
    let room = pages * (this.pageBytes - PAGE_HEADER_BYTES) - sumOf(lengths);
    for (let i = 1; i < pages && lengths.length > 0; i++) {
      let longest = 0;
      for (let k = 1; k < lengths.length; k++) if (lengths[k] > lengths[longest]) longest = k;
      room -= lengths.splice(longest, 1)[0];
    }
    return room >= 0;
  }

  /** Goes on until no page is foreign. False: that will never be. */
  endsMigration(): boolean {
    for (let i = 0; i <= 4 * this.pageCount; i++) {
      if (!this.hasForeign()) return true;
      if (!this.moveOldest()) return false;
    }
    return false;
  }
}

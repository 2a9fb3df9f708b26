// What is live in the journal, and where it lies in the flash.

import { ID_ERASED_KEY, ID_KINDS, isSecret } from "./journal-ids.ts";
import { DELETED_LENGTH, ENTRY_HEADER_BYTES, entriesOf, recordLength } from "./journal-layout.ts";

/** Where the live value of an id lies; or its deletion, when what it deletes lies in the same page. */
export interface Place {
  readonly id: number;
  readonly page: number;
  /** Address of its record. */
  readonly record: number;
  readonly address: number;
  /** 0 of a deletion. */
  readonly lengthBytes: number;
  readonly isDeleted: boolean;
  /** Some entry of its record is a secret. */
  readonly besideSecret: boolean;
}

/** Bytes of the entries of one record. */
export function entriesBytes(places: readonly Place[]): number {
  let sum = 0;
  for (const place of places) sum += ENTRY_HEADER_BYTES + place.lengthBytes;
  return sum;
}

/** True of a record cut short, too: what its words hold up to the cut is right. */
export function hasSecret(record: Uint8Array): boolean {
  return entriesOf(record, 0).find((entry) => isSecret(entry.id)) !== undefined;
}

/** An id is in one of the lists at most. */
function takeOut(places: Place[], id: number): Place | undefined {
  for (let i = 0; i < places.length; i++) if (places[i].id === id) return places.splice(i, 1)[0];
  return undefined;
}

export class LivePlaces {
  private places: Place[];
  /**
   * Of an erasure cut short anything may be left: a value, and not its deletion behind it. So a page that leaves takes no deletion of what it
   * holds itself with it; what lies in older pages is gone before.
   */
  private deletions: Place[];

  constructor() {
    this.places = [];
    this.deletions = [];
  }

  find(id: number): Place | undefined {
    for (const place of this.places) if (place.id === id) return place;
    return undefined;
  }

  ids(): number[] {
    return this.places.map((place) => place.id);
  }

  /** Bytes that all values take but that of `id` and what is left of erased keys, each as if in a record of its own. */
  bytesBeside(id: number | undefined): number {
    let sum = 0;
    for (const place of this.places) {
      if (place.id !== id && (place.id & ID_KINDS) !== ID_ERASED_KEY) sum += recordLength(entriesBytes([place]));
    }
    return sum;
  }

  /** Some value in this page is live, or some deletion counts. */
  isLive(page: number): boolean {
    const isHere = (place: Place): boolean => place.page === page;
    return this.places.find(isHere) !== undefined || this.deletions.find(isHere) !== undefined;
  }

  /** Takes in the entries of a sound record that lies at `address`. */
  take(record: Uint8Array, page: number, address: number): void {
    const besideSecret = hasSecret(record);
    for (const entry of entriesOf(record, address)) {
      const id = entry.id;
      const isDeleted = entry.lengthBytes === DELETED_LENGTH;
      const lengthBytes = isDeleted ? 0 : entry.lengthBytes;
      // Made before the old one goes: a board out of memory stops where it is.
      const place = { id, page, record: address, address: entry.address, lengthBytes, isDeleted, besideSecret };
      const before = takeOut(this.places, id) || takeOut(this.deletions, id);
      if (!isDeleted) this.places.push(place);
      else if (before !== undefined && before.page === page) this.deletions.push(place);
    }
  }

  /** Addresses of the records that hold one of these ids, and a secret. */
  recordsBesideSecrets(ids: readonly number[]): number[] {
    const records: number[] = [];
    for (const place of this.places) {
      if (place.besideSecret && ids.includes(place.id) && !records.includes(place.record)) records.push(place.record);
    }
    return records;
  }

  /** A sound record in which nothing counts any more: no value, and no deletion either. */
  isStale(address: number, record: Uint8Array): boolean {
    if (this.places.find((place) => place.record === address) !== undefined) return false;
    return entriesOf(record, address).find((entry) => entry.lengthBytes === DELETED_LENGTH) === undefined;
  }

  /**
   * The live values of a page, and its deletions that count, as they are copied. Those of a record with a live secret stay together, each such record by itself; the
   * others, the first group, make one record: so all never take more room than they had.
   */
  groupsOf(page: number): Place[][] {
    const live = this.places.filter((place) => place.page === page);
    const records: number[] = [];
    for (const place of live) if (isSecret(place.id) && !records.includes(place.record)) records.push(place.record);
    const groups = [live.filter((place) => !records.includes(place.record))];
    for (const deletion of this.deletions) if (deletion.page === page) groups[0].push(deletion);
    records.forEach((record) => {
      groups.push(live.filter((place) => place.record === record));
    });
    return groups;
  }
}

// What is live in the journal, and where it lies in the flash.

import { ID_ERASED_KEY, ID_KINDS, isSecret } from "./journal-ids.ts";
import { DELETED_LENGTH, ENTRY_HEADER_BYTES, entriesOf, recordLength } from "./journal-layout.ts";

/** Where the live value of an id lies. */
export interface Place {
  readonly id: number;
  readonly page: number;
  /** Address of its record. */
  readonly record: number;
  readonly address: number;
  readonly lengthBytes: number;
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

export class LivePlaces {
  private places: Place[];

  constructor() {
    this.places = [];
  }

  find(id: number): Place | undefined {
    return this.places.find((place) => place.id === id);
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

  /** Some value in this page is live. */
  isLive(page: number): boolean {
    return this.places.find((place) => place.page === page) !== undefined;
  }

  /** Takes in the entries of a sound record that lies at `address`. */
  take(record: Uint8Array, page: number, address: number): void {
    const besideSecret = hasSecret(record);
    for (const entry of entriesOf(record, address)) {
      this.forget(entry.id);
      if (entry.lengthBytes === DELETED_LENGTH) continue;
      this.places.push({ id: entry.id, page, record: address, address: entry.address, lengthBytes: entry.lengthBytes, besideSecret });
    }
  }

  private forget(id: number): void {
    this.places = this.places.filter((place) => place.id !== id);
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
   * The live values of a page as they are copied. Those of a record with a live secret stay together, each such record by itself; the
   * others, the first group, make one record: so all never take more room than they had.
   */
  groupsOf(page: number): Place[][] {
    const live = this.places.filter((place) => place.page === page);
    const records: number[] = [];
    for (const place of live) if (isSecret(place.id) && !records.includes(place.record)) records.push(place.record);
    const groups = [live.filter((place) => !records.includes(place.record))];
    records.forEach((record) => {
      groups.push(live.filter((place) => place.record === record));
    });
    return groups;
  }
}

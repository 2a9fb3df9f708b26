// The revision: a number that goes up with every change of a key or a data object, so that a reader knows when to read again.

import { readUint32, writeUint32 } from "../protocol/bytes.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { ID_REVISION } from "./journal-ids.ts";

export function currentRevision(journal: Journal): number {
  const stored = journal.read(ID_REVISION);
  return stored === null ? 0 : readUint32(stored, 0);
}

/** To be written in the same record as the change. */
export function nextRevision(journal: Journal): JournalEntry {
  const value = new Uint8Array(4);
  writeUint32(value, 0, (currentRevision(journal) + 1) >>> 0);
  return { id: ID_REVISION, value };
}

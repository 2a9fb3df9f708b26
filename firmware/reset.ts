// RESET: the token as the factory left it. The attestation key and its certificate stay, and so does the signature journal, which tells the
// erasures. A cut in between: the next power-on goes on where it ended.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../protocol/piv.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { ID_MANAGEMENT_KEY, ID_REFERENCE_DATA, ID_RESET, ID_TRIES } from "./journal-ids.ts";
import { allKeySlots, type KeyStore } from "./key-store.ts";
import { storedObjects } from "./object-store.ts";
import { nextRevision } from "./revision.ts";

const OBJECTS_A_RECORD = 32;

/** Erases everything that a holder or an office has put there. */
export function eraseAll(journal: Journal, keys: KeyStore): void {
  journal.write([{ id: ID_RESET, value: new Uint8Array([1]) }]);
  finishReset(journal, keys);
}

/** Does what is left of a RESET that has begun; nothing when none has. */
export function finishReset(journal: Journal, keys: KeyStore): void {
  if (journal.read(ID_RESET) === null) return;
  for (const slot of allKeySlots()) if (keys.info(slot) !== null) keys.erase(slot);
  const objects = storedObjects(journal);
  // A few at a time: a record with all of them could be too long for a memory that is full.
  while (objects.length > 0) journal.write(objects.splice(0, OBJECTS_A_RECORD).map((id) => ({ id, value: null })));
  const entries: JournalEntry[] = [nextRevision(journal)];
  const forget = (id: number): void => {
    if (journal.read(id) !== null) entries.push({ id, value: null });
  };
  [KEY_REF_PIV_PIN, KEY_REF_PUK].forEach((keyRef) => {
    forget(ID_REFERENCE_DATA | keyRef);
    forget(ID_TRIES | keyRef);
  });
  forget(ID_MANAGEMENT_KEY);
  forget(ID_RESET);
  journal.write(entries);
}

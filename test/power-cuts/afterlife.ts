// What a token does after a cut: it goes on writing until every page has been used again, and loses nothing.

import type { Card } from "../../firmware/card.ts";
import { splitFlash } from "../../firmware/flash-regions.ts";
import { ID_OBJECT } from "../../firmware/journal-ids.ts";
import { ENTRY_SIGNATURE } from "../../protocol/vendor.ts";
import { type CardState, defectOf, readState } from "./card-state.ts";

/** A data object that no scenario has. */
const ID_PROBE = ID_OBJECT | 0xfe;
/** As long as one may be; and what fits in a token that is full. */
const PROBE_BYTES = [3072, 256, 16] as const;
const LOG_ENTRY_BYTES = 34;

function fillJournal(card: Card): void {
  const capacity = splitFlash(card.hal.flash).journal.pages.reduce((sum, page) => sum + page.lengthBytes, 0);
  const lengthBytes = PROBE_BYTES.find((length) => card.journal.roomFor(length, ID_PROBE)) ?? 1;
  for (let written = 0; written < 1.2 * capacity; written += lengthBytes)
    card.journal.write([{ id: ID_PROBE, value: new Uint8Array(lengthBytes).fill(written & 0xff) }]);
  card.journal.write([{ id: ID_PROBE, value: null }]);
}

function fillLog(card: Card): void {
  const capacity = splitFlash(card.hal.flash).log.pages.reduce((sum, page) => sum + page.lengthBytes, 0);
  for (let written = 0; written < 1.2 * capacity; written += LOG_ENTRY_BYTES)
    card.log.append(0x9a, ENTRY_SIGNATURE, new Uint8Array(32).fill(written & 0xff));
}

function valuesText(state: CardState): string {
  return JSON.stringify([...state.values]);
}

/**
 * Writes every page again. The answer: what went wrong, or null.
 * @throws FlashFault and whatever else the firmware throws
 */
export function goOn(card: Card): string | null {
  const before = valuesText(readState(card));
  const counter = card.log.counter();
  fillJournal(card);
  fillLog(card);
  if (valuesText(readState(card)) !== before) return "a value was lost while the pages were used again";
  if (card.log.counter() <= counter) return "the signature journal takes no more entries";
  return defectOf(card);
}

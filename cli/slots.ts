// Slot names as people type them: 9a, 9C, 82, …

import { KEY_SLOTS, RETIRED_SLOTS, retiredKeySlot } from "../protocol/piv.ts";
import { UsageError } from "./usage-error.ts";

export interface SlotReference {
  readonly slot: number;
  readonly certificate: number;
}

/** 82 to 95: keys of former certificates, kept to decrypt with. */
export const RETIRED_KEY_SLOTS: readonly SlotReference[] = Array.from({ length: RETIRED_SLOTS }, (_, index) => retiredKeySlot(index));

/** As it is written on the screen: 9C. */
export const slotName = (slot: number): string => slot.toString(16).toUpperCase();

/** @throws UsageError bad-slot */
export function parseSlot(text: string): SlotReference {
  const found = [...KEY_SLOTS, ...RETIRED_KEY_SLOTS].find(({ slot }) => slotName(slot) === text.toUpperCase());
  if (found === undefined) throw new UsageError("bad-slot", text);
  return found;
}

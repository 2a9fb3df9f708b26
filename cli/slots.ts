// Slot names as people type them: 9a, 9C, …

import { KEY_SLOTS } from "../protocol/piv.ts";
import { UsageError } from "./usage-error.ts";

export interface SlotReference {
  readonly slot: number;
  readonly certificate: number;
}

/** @throws UsageError bad-slot */
export function parseSlot(text: string): SlotReference {
  const found = KEY_SLOTS.find(({ slot }) => slot.toString(16) === text.toLowerCase());
  if (found === undefined) throw new UsageError("bad-slot", text);
  return found;
}

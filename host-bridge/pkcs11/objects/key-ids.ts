// The token's key slots as PKCS#11 shows them: CKA_ID 1 for 9A, 2 for 9C, 3 for 9D, 4 for 9E (as OpenSC and ykcs11 number them), 5 to 24 for
// the retired keys 82 to 95.

import {
  isRetiredSlot,
  KEY_SLOTS,
  type KeySlot,
  RETIRED_SLOTS,
  retiredKeySlot,
  SLOT_FIRST_RETIRED,
  SLOT_KEY_MANAGEMENT,
} from "../../../protocol/piv.ts";

export interface NumberedSlot extends KeySlot {
  /** CKA_ID's one byte. */
  readonly id: number;
  /** CKA_LABEL. */
  readonly label: string;
}

const LABELS = ["PIV authentication", "PIV signature", "PIV key management", "PIV card authentication"];

/** In the order of their CKA_ID. */
export const NUMBERED_SLOTS: readonly NumberedSlot[] = [
  ...KEY_SLOTS.map((slot, index) => ({ ...slot, id: index + 1, label: LABELS[index] ?? "" })),
  ...Array.from({ length: RETIRED_SLOTS }, (_, index) => ({
    ...retiredKeySlot(index),
    id: KEY_SLOTS.length + index + 1,
    label: `PIV retired key ${index + 1}`,
  })),
];

/** Place of a retired slot among them, from 0 on; null: it is none. */
export function retiredIndex(slot: number): number | null {
  return isRetiredSlot(slot) ? slot - SLOT_FIRST_RETIRED : null;
}

/** Whether the token agrees on keys (ECDH) with a key in this slot. */
export function derives(slot: number): boolean {
  return slot === SLOT_KEY_MANAGEMENT || isRetiredSlot(slot);
}

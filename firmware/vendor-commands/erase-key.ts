// Erasing a key, and the receipt of it: a statement by the attestation key.

import type { CborMap } from "../../protocol/cbor.ts";
import { SW_INCORRECT_P1_P2, SW_NOT_FOUND, SW_REFERENCE_NOT_FOUND } from "../../protocol/status-words.ts";
import {
  REQUEST_SLOT,
  STATEMENT_ALGORITHM,
  STATEMENT_COUNTER,
  STATEMENT_IS_DESTRUCTION,
  STATEMENT_PUBLIC_KEY,
  STATEMENT_SLOT,
  VENDOR_ERASE_KEY,
  VENDOR_ERASURE_RECEIPT,
} from "../../protocol/vendor.ts";
import type { CommandContext } from "../command.ts";
import { isSealed } from "../factory.ts";
import { isKeySlot } from "../key-store.ts";
import { requireKey } from "../private-key-use.ts";
import { signStatement, statement } from "../statement.ts";
import { SwError } from "../sw-error.ts";
import { requireManagement, requirePinOrManagement, slotOf, type VendorCommand } from "./vendor-command.ts";

function receipt(context: CommandContext, slot: number): CborMap {
  const card = context.card;
  const erased = card.keys.erased(slot);
  if (erased === null) throw new SwError(SW_NOT_FOUND);
  const told = statement(card, STATEMENT_IS_DESTRUCTION)
    .put(STATEMENT_COUNTER, erased.counter)
    .put(STATEMENT_SLOT, slot)
    .put(STATEMENT_ALGORITHM, erased.algorithm)
    .put(STATEMENT_PUBLIC_KEY, erased.publicKey);
  return signStatement(card, told);
}

/** Not without an attestation key: an erasure that nobody can prove is done by GENERATE or RESET. */
function eraseKey(context: CommandContext, request: CborMap): CborMap {
  requireManagement(context);
  const slot = slotOf(request);
  requireKey(context, slot, null);
  if (!isSealed(context.card)) throw new SwError(SW_REFERENCE_NOT_FOUND);
  context.card.keys.erase(slot);
  return receipt(context, slot);
}

function receiptAgain(context: CommandContext, request: CborMap): CborMap {
  requirePinOrManagement(context);
  const slot = slotOf(request);
  if (!isKeySlot(slot)) throw new SwError(SW_INCORRECT_P1_P2);
  return receipt(context, slot);
}

export const ERASE_KEY: VendorCommand = { p1: VENDOR_ERASE_KEY, onBlank: false, requestKeys: [REQUEST_SLOT], handle: eraseKey };
export const ERASURE_RECEIPT: VendorCommand = {
  p1: VENDOR_ERASURE_RECEIPT,
  onBlank: false,
  requestKeys: [REQUEST_SLOT],
  handle: receiptAgain,
};

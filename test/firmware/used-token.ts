// A token that has been in use, and what a RESET must have made of it.

import { expect } from "vitest";
import { allKeySlots } from "../../firmware/key-store.ts";
import {
  ALG_P384,
  BUTTON_POLICY_CACHED,
  OBJECT_CHUID,
  retiredKeySlot,
  SLOT_CARD_AUTHENTICATION,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { SW_NOT_FOUND } from "../../protocol/status-words.ts";
import { INFO_INITIALISED, VENDOR_DEVICE_INFO } from "../../protocol/vendor.ts";
import { getData, putData, setTries, verifyPin } from "./card-commands.ts";
import { seal } from "./sealed-token.ts";
import { PIN, TestToken } from "./test-token.ts";

const RETIRED = retiredKeySlot(19).slot;
const EXTENSION_OBJECT = 0x5fff10;
/** The slots of its keys. */
export const USED_SLOTS = [SLOT_SIGNATURE, SLOT_CARD_AUTHENTICATION, RETIRED];

/** Sealed, with keys and objects, other tries than the factory's. */
export function used(): TestToken {
  const token = new TestToken();
  seal(token);
  token.initialise();
  token.makeKey(SLOT_SIGNATURE);
  token.makeKey(SLOT_CARD_AUTHENTICATION, { button: BUTTON_POLICY_CACHED });
  token.makeKey(RETIRED, { algorithm: ALG_P384 });
  token.authenticate().data(putData(OBJECT_CHUID, new Uint8Array(60)));
  token.data(putData(EXTENSION_OBJECT, new Uint8Array(10)));
  token.data(verifyPin(PIN));
  token.data(setTries(4, 4));
  return token;
}

export function expectBlank(token: TestToken): void {
  const { card } = token.token;
  expect([card.pin.triesLeft(), card.pin.triesTotal(), card.puk.triesLeft(), card.puk.triesTotal()]).toEqual([3, 3, 3, 3]);
  expect([card.pin.isFactory(), card.puk.isFactory(), card.managementKey.isFactory()]).toEqual([true, true, true]);
  for (const slot of allKeySlots()) expect(card.keys.info(slot)).toBeNull();
  for (const tag of [OBJECT_CHUID, EXTENSION_OBJECT]) expect(token.sw(getData(tag))).toBe(SW_NOT_FOUND);
  expect(token.vendor(VENDOR_DEVICE_INFO).get(INFO_INITIALISED)).toBe(false);
}

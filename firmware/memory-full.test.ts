// A memory full of keys and objects: everything in it may still be replaced, and what must always work does.

import { describe, expect, test } from "vitest";
import { ALG_P384, PIN_POLICY_NEVER } from "../protocol/piv.ts";
import { SW_NOT_ENOUGH_MEMORY, SW_OK } from "../protocol/status-words.ts";
import { changePin, changePuk, DIGEST, generateKey, putData, RESET, signCommand, verifyPin } from "../test/firmware/card-commands.ts";
import { seal } from "../test/firmware/sealed-token.ts";
import { fillMemory, PIN, PUK, TestToken, WRONG_PIN } from "../test/firmware/test-token.ts";
import { allKeySlots } from "./key-store.ts";

const P384_KEY = { algorithm: ALG_P384, pin: PIN_POLICY_NEVER };

/** Sealed, a P-384 key in each of the 24 slots, and no room for one more object. The management key is proved. */
function full(): TestToken {
  const token = new TestToken();
  seal(token);
  token.initialise().authenticate();
  for (const slot of allKeySlots()) token.data(generateKey(slot, P384_KEY));
  fillMemory(token);
  expect(token.sw(putData(0x5fc1ff, Uint8Array.of(1)))).toBe(SW_NOT_ENOUGH_MEMORY);
  return token;
}

describe("in a memory that is full", () => {
  test("every key may be replaced, again and again, though each leaves its public part behind", () => {
    const token = full();
    for (let round = 0; round < 3; round++) {
      for (const slot of allKeySlots()) expect(token.sw(generateKey(slot, P384_KEY))).toBe(SW_OK);
    }
    const again = token.reopened();
    for (const slot of allKeySlots()) {
      expect(again.sw(signCommand(slot, DIGEST, ALG_P384))).toBe(SW_OK);
      expect(again.token.card.keys.erased(slot)).not.toBeNull();
    }
  });

  test("and every key replaced, objects may be, tries are counted, secrets changed, and RESET works", () => {
    const token = full();
    for (const slot of allKeySlots()) token.data(generateKey(slot, P384_KEY));
    for (let round = 0; round < 40; round++) {
      expect(token.sw(putData(0x5fc101, new Uint8Array(230).fill(round)))).toBe(SW_OK);
      expect(token.sw(verifyPin(WRONG_PIN))).toBe(0x63c2);
      expect(token.sw(verifyPin(PIN))).toBe(SW_OK);
    }
    expect(token.sw(changePin(PIN, "7294816"))).toBe(SW_OK);
    expect(token.sw(changePuk(PUK, "otherPUK"))).toBe(SW_OK);
    expect(token.sw(putData(0x5fc1ff, Uint8Array.of(1)))).toBe(SW_NOT_ENOUGH_MEMORY);
    expect(token.block().sw(RESET)).toBe(SW_OK);
    expect(token.reopened().token.card.isInitialised()).toBe(false);
  });
});

// The management key of each profile: 3DES and the factory's key in compat alone.

import { createCipheriv, createDecipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bytesToHex, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_3DES,
  ALG_AES_128,
  ALG_AES_192,
  ALG_AES_256,
  FACTORY_MANAGEMENT_KEY,
  INS_GET_METADATA,
  OBJECT_CHUID,
  SLOT_MANAGEMENT,
  TAG_CHALLENGE,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_OK, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { COMPAT_PROFILE } from "../../simulator/compat-profile.ts";
import { authenticate, authField, putData, setManagementKey } from "../../test/firmware/card-commands.ts";
import { MANAGEMENT_KEY, TestToken } from "../../test/firmware/test-token.ts";

const FACTORY_KEY = hexToBytes(FACTORY_MANAGEMENT_KEY);
const OTHER_3DES_KEY = hexToBytes("2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da5");

const compat = (): TestToken => new TestToken({ profile: COMPAT_PROFILE });

/** A block of 3DES, by OpenSSL. */
function encrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  return new Uint8Array(createCipheriv("des-ede3", key, null).setAutoPadding(false).update(block));
}

function decrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  return new Uint8Array(createDecipheriv("des-ede3", key, null).setAutoPadding(false).update(block));
}

/** Whether the management key is proved. */
function isOpen(token: TestToken): boolean {
  return token.sw(putData(OBJECT_CHUID, Uint8Array.of(1))) === SW_OK;
}

/** Proves it mutually; true when the token's own answer is right, too. */
function provesMutually(token: TestToken, key: Uint8Array): boolean {
  const witness = authField(token.data(authenticate(ALG_3DES, [[TAG_WITNESS, EMPTY_BYTES]])), TAG_WITNESS);
  expect(witness).toHaveLength(8);
  const challenge = hexToBytes("0011223344556677");
  const answer = token.send(
    authenticate(ALG_3DES, [
      [TAG_WITNESS, decrypt(key, witness)],
      [TAG_CHALLENGE, challenge],
    ]),
  );
  return answer.sw === SW_OK && bytesToHex(authField(answer.data, TAG_RESPONSE)) === bytesToHex(encrypt(key, challenge));
}

function provesSingly(token: TestToken, key: Uint8Array): boolean {
  const challenge = authField(token.data(authenticate(ALG_3DES, [[TAG_CHALLENGE, EMPTY_BYTES]])), TAG_CHALLENGE);
  expect(challenge).toHaveLength(8);
  return token.sw(authenticate(ALG_3DES, [[TAG_RESPONSE, encrypt(key, challenge)]])) === SW_OK;
}

describe("a compat token", () => {
  test("has the factory's key as 3DES, and opens to it, mutually or singly", () => {
    const token = compat();
    expect(bytesToHex(token.data({ ins: INS_GET_METADATA, p2: SLOT_MANAGEMENT, le: 256 }))).toBe("01010302020001050101");
    expect([isOpen(token), provesMutually(token, FACTORY_KEY), isOpen(token)]).toEqual([false, true, true]);
    const again = token.reopened();
    expect([isOpen(again), provesSingly(again, FACTORY_KEY), isOpen(again)]).toEqual([false, true, true]);
  });

  test("does not open to another key", () => {
    const token = compat();
    expect([provesMutually(token, OTHER_3DES_KEY), provesSingly(token, OTHER_3DES_KEY), isOpen(token)]).toEqual([false, false, false]);
  });

  test("takes another 3DES key, and the factory's again", () => {
    const token = compat();
    provesMutually(token, FACTORY_KEY);
    expect(token.sw(setManagementKey(ALG_3DES, OTHER_3DES_KEY))).toBe(SW_OK);
    expect([provesMutually(token.reopened(), FACTORY_KEY), provesMutually(token, OTHER_3DES_KEY)]).toEqual([false, true]);
    expect(token.token.card.managementKey.isFactory()).toBe(false);
    expect(token.sw(setManagementKey(ALG_3DES, FACTORY_KEY))).toBe(SW_OK);
    expect(token.token.card.managementKey.isFactory()).toBe(true);
    expect(provesMutually(token.reopened(), FACTORY_KEY)).toBe(true);
  });

  test.each([
    [ALG_AES_128, 16],
    [ALG_AES_192, 24],
    [ALG_AES_256, 32],
  ])("takes an AES key (%i), after which 3DES is refused", (algorithm, lengthBytes) => {
    const token = compat();
    provesMutually(token, FACTORY_KEY);
    const key = MANAGEMENT_KEY.slice(0, lengthBytes);
    expect(token.sw(setManagementKey(algorithm, key))).toBe(SW_OK);
    const again = token.reopened();
    expect(again.sw(authenticate(ALG_3DES, [[TAG_WITNESS, EMPTY_BYTES]]))).toBe(SW_INCORRECT_P1_P2);
    expect(isOpen(again.authenticate(algorithm, key))).toBe(true);
  });

  test.each([16, 23, 25])("refuses a 3DES key of %i bytes", (lengthBytes) => {
    const token = compat();
    provesMutually(token, FACTORY_KEY);
    expect(token.sw(setManagementKey(ALG_3DES, new Uint8Array(lengthBytes).fill(9)))).toBe(SW_WRONG_DATA);
  });

  test("refuses a challenge that is no block of the key's cipher, and opens to nothing", () => {
    const token = compat();
    for (const lengthBytes of [0, 7, 9, 16]) {
      const witness = authField(token.data(authenticate(ALG_3DES, [[TAG_WITNESS, EMPTY_BYTES]])), TAG_WITNESS);
      const answer = authenticate(ALG_3DES, [
        [TAG_WITNESS, decrypt(FACTORY_KEY, witness)],
        [TAG_CHALLENGE, new Uint8Array(lengthBytes)],
      ]);
      expect(token.sw(answer)).toBe(SW_WRONG_DATA);
      expect(isOpen(token)).toBe(false);
    }
  });
});

describe("a strict token", () => {
  test("knows no 3DES: not to prove the key, not to set it", () => {
    const token = new TestToken();
    for (const tag of [TAG_WITNESS, TAG_CHALLENGE]) expect(token.sw(authenticate(ALG_3DES, [[tag, EMPTY_BYTES]]))).toBe(SW_INCORRECT_P1_P2);
    token.initialise().authenticate();
    expect(token.imagesDuring(() => expect(token.sw(setManagementKey(ALG_3DES, OTHER_3DES_KEY))).toBe(SW_WRONG_DATA))).toEqual([]);
  });

  test("refuses the factory's key once it is initialised, and does not open to it", () => {
    const token = new TestToken().initialise().authenticate();
    expect(token.imagesDuring(() => expect(token.sw(setManagementKey(ALG_AES_192, FACTORY_KEY))).toBe(SW_WRONG_DATA))).toEqual([]);
    token.data(setManagementKey(ALG_AES_192, MANAGEMENT_KEY.slice(0, 24)));
    expect(() => token.reopened().authenticate(ALG_AES_192, FACTORY_KEY)).toThrow();
    expect(() => token.reopened().authenticate(ALG_AES_192, MANAGEMENT_KEY.slice(0, 24))).not.toThrow();
  });

  test("refuses the factory's key on a blank token, too", () => {
    const token = new TestToken().authenticate(ALG_AES_192, FACTORY_KEY);
    expect(token.sw(setManagementKey(ALG_AES_192, FACTORY_KEY))).toBe(SW_WRONG_DATA);
    expect(token.token.card.managementKey.isFactory()).toBe(true);
  });

  test("needs the management key to set it", () => {
    expect(new TestToken().sw(setManagementKey(ALG_AES_256, MANAGEMENT_KEY))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });
});

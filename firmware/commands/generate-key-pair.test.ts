import { describe, expect, test } from "vitest";
import { encodeTlv, parseOneTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_NEVER,
  INS_GENERATE_KEY_PAIR,
  KEY_SLOTS,
  ORIGIN_GENERATED,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
  TAG_EC_POINT,
  TAG_PUBLIC_KEY,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_NOT_ENOUGH_MEMORY,
  SW_OK,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { generateKey, putData, verifyPin } from "../../test/firmware/card-commands.ts";
import { fillMemory, PIN, TestToken } from "../../test/firmware/test-token.ts";
import { publicKeyOf } from "../../test/support/ec-keys.ts";
import { currentRevision } from "../revision.ts";

describe("GENERATE ASYMMETRIC KEY PAIR", () => {
  test.each(KEY_SLOTS.map(({ slot }) => slot))("makes a P-256 key in slot %i whose public point is on the curve", (slot) => {
    const token = new TestToken().initialise().authenticate();
    const point = parseOneTlv(parseOneTlv(token.data(generateKey(slot)), TAG_PUBLIC_KEY), TAG_EC_POINT);
    expect(point).toHaveLength(65);
    expect(publicKeyOf(point).asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(token.reopened().token.card.keys.info(slot)).toMatchObject({ algorithm: ALG_P256, origin: ORIGIN_GENERATED, publicKey: point });
  });

  test("replaces the key that was in the slot, and no other", () => {
    const token = new TestToken().initialise().authenticate();
    const first = token.data(generateKey(SLOT_SIGNATURE));
    const other = token.data(generateKey(SLOT_AUTHENTICATION));
    const second = token.data(generateKey(SLOT_SIGNATURE));
    expect(new Set([first, other, second].map(bytesToHex)).size).toBe(3);
    const kept = token.token.card.keys.info(SLOT_AUTHENTICATION)?.publicKey ?? new Uint8Array(0);
    expect(bytesToHex(other)).toContain(bytesToHex(kept));
  });

  test("makes the revision go up by one", () => {
    const token = new TestToken().initialise().authenticate();
    const before = currentRevision(token.token.card.journal);
    token.data(generateKey(SLOT_SIGNATURE));
    expect(currentRevision(token.reopened().token.card.journal)).toBe(before + 1);
  });

  test("leaves the old key or the new one after a cut, with the matching public point", () => {
    const token = new TestToken().initialise().authenticate();
    token.data(generateKey(SLOT_CARD_AUTHENTICATION));
    const old = token.token.card.keys.info(SLOT_CARD_AUTHENTICATION)?.publicKey;
    const images = token.imagesDuring(() => token.data(generateKey(SLOT_CARD_AUTHENTICATION)));
    const fresh = token.token.card.keys.info(SLOT_CARD_AUTHENTICATION)?.publicKey;
    for (const image of images) {
      const reopened = token.reopenedOn(image);
      const { keys, hal } = reopened.token.card;
      const point = keys.info(SLOT_CARD_AUTHENTICATION)?.publicKey;
      expect([old, fresh]).toContainEqual(point);
      expect(hal.crypto.p256.publicKey(reopened.privateKey(SLOT_CARD_AUTHENTICATION))).toEqual(point);
    }
  });
});

describe("the policies of a new key", () => {
  test.each([
    [SLOT_AUTHENTICATION, PIN_POLICY_ONCE],
    [SLOT_SIGNATURE, PIN_POLICY_ALWAYS],
    [SLOT_KEY_MANAGEMENT, PIN_POLICY_ONCE],
    [SLOT_CARD_AUTHENTICATION, PIN_POLICY_NEVER],
  ])("are the slot's own when none or 00 is asked for (slot %i: PIN policy %i), and no button", (slot, pin) => {
    const token = new TestToken().initialise();
    for (const asked of [{}, { pin: 0, button: 0 }]) {
      token.makeKey(slot, asked);
      expect(token.token.card.keys.info(slot)?.policies).toEqual({ pin, button: BUTTON_POLICY_NEVER });
    }
  });

  test.each([PIN_POLICY_NEVER, PIN_POLICY_ONCE, PIN_POLICY_ALWAYS])("are those asked for (PIN policy %i)", (pin) => {
    const token = new TestToken().initialise();
    for (const button of [BUTTON_POLICY_NEVER, BUTTON_POLICY_ALWAYS, BUTTON_POLICY_CACHED]) {
      token.makeKey(SLOT_SIGNATURE, { pin, button });
      expect(token.reopened().token.card.keys.info(SLOT_SIGNATURE)?.policies).toEqual({ pin, button });
    }
  });
});

describe("GENERATE ASYMMETRIC KEY PAIR refuses, and changes nothing,", () => {
  const refusedWith = (token: TestToken, parts: object, sw: number): void => {
    const images = token.imagesDuring(() => expect(token.sw({ ...generateKey(SLOT_SIGNATURE), ...parts })).toBe(sw));
    expect(images).toEqual([]);
  };

  test("without the management key, PIN or not", () => {
    const token = new TestToken().initialise();
    refusedWith(token, {}, SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    refusedWith(token, {}, SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("on a blank token", () => {
    refusedWith(new TestToken(), {}, SW_CONDITIONS_NOT_SATISFIED);
  });

  test.each([0x00, 0x80, SLOT_MANAGEMENT, 0x81, 0x96, 0xf9])("slot %i", (p2) => {
    refusedWith(new TestToken().initialise().authenticate(), { p2 }, SW_INCORRECT_P1_P2);
  });

  test("P1 = 01", () => {
    refusedWith(new TestToken().initialise().authenticate(), { p1: 1 }, SW_INCORRECT_P1_P2);
  });

  test.each([
    ["no data", ""],
    ["no algorithm", "ac00"],
    ["RSA-2048", "ac03800107"],
    ["an algorithm of two bytes", "ac0480020011"],
    ["an empty algorithm", "ac028000"],
    ["another template", "ad03800111"],
    ["a PIN policy that does not exist", "ac06800111aa0104"],
    ["a button policy that does not exist", "ac06800111ab0104"],
    ["a PIN policy of no bytes", "ac05800111aa00"],
    ["a template cut short", "ac068001"],
    ["bytes behind the template", "ac0380011100"],
  ])("%s", (_what, hex) => {
    refusedWith(new TestToken().initialise().authenticate(), { data: hexToBytes(hex) }, SW_WRONG_DATA);
  });

  test("in a memory that is full", () => {
    const token = new TestToken().initialise().authenticate();
    fillMemory(token);
    refusedWith(token, {}, SW_NOT_ENOUGH_MEMORY);
    token.data(putData(0x5fc100, new Uint8Array(0)));
    expect(token.sw(generateKey(SLOT_SIGNATURE))).toBe(SW_OK);
  });
});

test("a key of the outside can't be brought in through it", () => {
  const token = new TestToken().initialise().authenticate();
  const key = encodeTlv(0x06, [new Uint8Array(32).fill(1)]);
  expect(token.sw({ ins: INS_GENERATE_KEY_PAIR, p2: SLOT_SIGNATURE, data: key })).toBe(SW_WRONG_DATA);
});

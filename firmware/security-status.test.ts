// What a channel has proved ends when it should, and nothing that it has proved counts for another.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EMPTY_BYTES } from "../protocol/bytes.ts";
import {
  ALG_AES_256,
  BUTTON_POLICY_CACHED,
  INS_GENERAL_AUTHENTICATE,
  INS_GET_VERSION,
  OBJECT_CHUID,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_SIGNATURE,
} from "../protocol/piv.ts";
import {
  SW_AUTH_METHOD_BLOCKED,
  SW_NOT_FOUND,
  SW_OK,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
} from "../protocol/status-words.ts";
import {
  ASK_TRIES,
  apdu,
  type CommandParts,
  changePin,
  generateKey,
  getData,
  putData,
  resetPin,
  setManagementKey,
  signCommand,
  verifyPin,
} from "../test/firmware/card-commands.ts";
import { copyImage, fillMemory, MANAGEMENT_KEY, PIN, TestToken, WRONG_PIN, WRONG_PUK } from "../test/firmware/test-token.ts";
import { Channel } from "./channel.ts";

test("SET MANAGEMENT KEY ends the management status on every channel but the one that sent it, which knows the new key", () => {
  const token = new TestToken().initialise().authenticate();
  const other = new Channel();
  token.authenticate(ALG_AES_256, MANAGEMENT_KEY, other);
  const fresh = new Uint8Array(32).fill(0x2b);
  token.data(setManagementKey(ALG_AES_256, fresh));
  expect(token.sw(putData(OBJECT_CHUID, EMPTY_BYTES))).toBe(SW_OK);
  expect(token.sw(putData(OBJECT_CHUID, EMPTY_BYTES), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  expect(token.authenticate(ALG_AES_256, fresh, other).sw(putData(OBJECT_CHUID, EMPTY_BYTES), other)).toBe(SW_OK);
});

describe("PIN-always", () => {
  function ready(): TestToken {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS });
    token.data(verifyPin(PIN));
    return token;
  }
  const { data: SIGN = EMPTY_BYTES, ...HEAD } = signCommand(SLOT_SIGNATURE);
  const piece = (from: number, to: number): CommandParts => ({ ...HEAD, cla: 0x10, data: SIGN.slice(from, to), le: 0 });
  const last: CommandParts = { ...HEAD, data: SIGN.slice(20) };

  test("a chain of many pieces right after VERIFY signs, once", () => {
    const token = ready();
    for (const part of [piece(0, 10), piece(10, 15), piece(15, 20)]) expect(token.sw(part)).toBe(SW_OK);
    expect(token.sw(last)).toBe(SW_OK);
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test.each([
    ["a chain of another slot", { ...piece(0, 20), p2: SLOT_AUTHENTICATION }],
    ["a piece of another command", { ...piece(0, 20), ins: INS_GET_VERSION }],
    ["GET RESPONSE", { ins: 0xc0, le: 256 }],
    ["an unknown INS", { ins: 0x99 }],
    ["another class", { cla: 0x40, ins: INS_GENERAL_AUTHENTICATE }],
  ])("%s between VERIFY and the signature", (_what, between) => {
    const token = ready();
    token.send(between);
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    expect(token.sw(piece(0, 20))).toBe(SW_OK);
    token.send(between);
    expect(token.sw(last)).not.toBe(SW_OK);
  });

  test.each(["before the chain", "in the chain"])("a malformed APDU %s", (where) => {
    const token = ready();
    if (where === "in the chain") token.data(piece(0, 20));
    token.raw(Uint8Array.of(0, 0xfd, 0), token.channel);
    expect(token.sw(where === "in the chain" ? last : signCommand(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("a PIN that another channel has changed since VERIFY opens nothing", () => {
    const token = ready();
    token.data(changePin(PIN, "7294816"), new Channel());
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });
});

describe("a wrong value forgets the PIN on its channel:", () => {
  test.each([
    ["CHANGE REFERENCE DATA", changePin(WRONG_PIN, "7294816"), 2],
    ["RESET RETRY COUNTER", resetPin(WRONG_PUK, "7294816"), 3],
  ])("%s", (_what, command, left) => {
    const token = new TestToken().initialise();
    const other = new Channel();
    for (const channel of [token.channel, other]) token.data(verifyPin(PIN), channel);
    expect(token.sw(command)).toBe(SW_TRIES_LEFT + 2);
    expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + left);
    expect(token.sw(ASK_TRIES, other)).toBe(SW_OK);
  });
});

test.each([
  ["VERIFY", verifyPin(WRONG_PIN)],
  ["CHANGE REFERENCE DATA", changePin(WRONG_PIN, "7294816")],
])("a PIN blocked by %s is verified on no channel", (_what, wrong) => {
  const token = new TestToken().initialise();
  token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE });
  const other = new Channel();
  token.data(verifyPin(PIN), other);
  for (let i = 0; i < 3; i++) token.sw(wrong);
  expect(token.sw(ASK_TRIES, other)).toBe(SW_AUTH_METHOD_BLOCKED);
  expect(token.sw(signCommand(SLOT_AUTHENTICATION), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
});

describe("GET DATA", () => {
  test.each([0x5fc103, 0x5fc108, 0x5fc109, 0x5fc121, 0x5fc123])("of %i needs the PIN, there or not", (tag) => {
    const token = new TestToken().initialise().authenticate();
    expect(token.sw(getData(tag))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(putData(tag, Uint8Array.of(1)));
    expect(token.sw(getData(tag))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    expect(token.sw(getData(tag))).toBe(SW_OK);
    expect(token.sw(getData(tag), new Channel())).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(putData(tag, EMPTY_BYTES));
    expect(token.sw(getData(tag))).toBe(SW_NOT_FOUND);
  });

  test("of a tag of more than three bytes is refused by its form", () => {
    const token = new TestToken();
    expect(token.sw({ ...getData(OBJECT_CHUID), data: Uint8Array.of(0x5c, 4, 0, 0x5f, 0xc1, 2) })).toBe(SW_WRONG_DATA);
  });
});

describe("a cached press", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const asks = (token: TestToken, slot: number, channel = token.channel): boolean => {
    const waits = token.button.waits;
    token.raw(apdu(signCommand(slot)), channel);
    return token.button.waits > waits;
  };

  test("counts for its channel and its slot alone, and not after the channel's end", () => {
    const token = new TestToken().initialise();
    for (const slot of [SLOT_SIGNATURE, SLOT_CARD_AUTHENTICATION])
      token.makeKey(slot, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_CACHED });
    token.button.script = { kind: "never" };
    expect(asks(token, SLOT_SIGNATURE)).toBe(true);
    token.button.pressNow();
    expect(asks(token, SLOT_SIGNATURE)).toBe(false);
    const other = new Channel();
    expect(asks(token, SLOT_SIGNATURE, other)).toBe(true);
    token.token.cancel(other);
    expect(asks(token, SLOT_CARD_AUTHENTICATION)).toBe(true);
    token.token.cancel(token.channel);
    expect(asks(token, SLOT_SIGNATURE)).toBe(false);
    token.token.powerOff(token.channel);
    expect(asks(token, SLOT_SIGNATURE)).toBe(true);
  });
});

describe("in a memory that is full", () => {
  test("an object and a key may be replaced", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    token.authenticate();
    fillMemory(token);
    for (let round = 1; round <= 3; round++) {
      expect(token.sw(putData(0x5fc101, new Uint8Array(230).fill(round)))).toBe(SW_OK);
      expect(token.sw(generateKey(SLOT_SIGNATURE))).toBe(SW_OK);
    }
  });
});

describe("a private key that is replaced", () => {
  const privateKey = (token: TestToken): Buffer => {
    const copy = Buffer.from(token.privateKey(SLOT_SIGNATURE));
    return copy;
  };
  /** Eight bytes in a row of it are in the flash. */
  const isIn = (bytes: Uint8Array, key: Buffer): boolean => {
    for (let at = 0; at + 8 <= key.length; at++) if (Buffer.from(bytes).includes(key.subarray(at, at + 8))) return true;
    return false;
  };

  test("is nowhere in the flash, and after a cut at any operation nowhere once the token has power again", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    const old = privateKey(token);
    expect(isIn(token.image.bytes, old)).toBe(true);
    const images = token.authenticate().imagesDuring(() => token.data(generateKey(SLOT_SIGNATURE)));
    expect(isIn(token.image.bytes, old)).toBe(false);
    expect(images.length).toBeGreaterThan(2);
    for (const image of images) {
      const again = token.reopenedOn(copyImage(image));
      expect(privateKey(again).equals(old)).toBe(isIn(again.image.bytes, old));
    }
    expect(images.filter((image) => privateKey(token.reopenedOn(image)).equals(old))).toHaveLength(0);
  });
});

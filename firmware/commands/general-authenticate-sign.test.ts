import { createHash, createVerify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_AES_256,
  ALG_P256,
  ALG_P384,
  INS_GET_VERSION,
  KEY_SLOTS,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  RETIRED_SLOTS,
  retiredKeySlot,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
  TAG_CHALLENGE,
  TAG_DYNAMIC_AUTH,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import {
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { ASK_TRIES, authField, FORGET_PIN, signCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, TestToken, WRONG_PIN } from "../../test/firmware/test-token.ts";
import { publicKeyOf } from "../../test/support/ec-keys.ts";
import { Channel } from "../channel.ts";
import { signEcdsa } from "../ecdsa-signature.ts";
import { type KeyAlgorithm, keyAlgorithm } from "../key-algorithm.ts";
import { MAX_FIELDS } from "../limits.ts";

const MESSAGE = "what is signed";
const MESSAGE_DIGEST = new Uint8Array(createHash("sha256").update(MESSAGE).digest());
const REFUSED = { data: EMPTY_BYTES, sw: SW_SECURITY_STATUS_NOT_SATISFIED };

function isValid(point: Uint8Array, answer: Uint8Array): boolean {
  return createVerify("sha256").update(MESSAGE).verify(publicKeyOf(point), authField(answer, TAG_RESPONSE));
}

describe.each([...KEY_SLOTS, retiredKeySlot(0), retiredKeySlot(RETIRED_SLOTS - 1)].map(({ slot }) => slot))(
  "a signature in slot %i",
  (slot) => {
    test("verifies with the slot's public point, right after VERIFY, and after a power-off", () => {
      const token = new TestToken().initialise();
      const point = token.makeKey(slot);
      for (const one of [token, token.reopened()]) {
        one.data(verifyPin(PIN));
        expect(isValid(point, one.data(signCommand(slot, MESSAGE_DIGEST)))).toBe(true);
      }
    });

    test("is refused while there is no key", () => {
      const token = new TestToken().initialise();
      token.data(verifyPin(PIN));
      expect(token.sw(signCommand(slot))).toBe(SW_REFERENCE_NOT_FOUND);
    });
  },
);

test("a digest shorter than 32 bytes is signed as if padded with zeros on the left", () => {
  const token = new TestToken().initialise();
  const point = token.makeKey(SLOT_CARD_AUTHENTICATION);
  const p256 = keyAlgorithm(token.token.card.hal.crypto, ALG_P256) as KeyAlgorithm;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), (digest) => {
      const padded = new Uint8Array(32);
      padded.set(digest, 32 - digest.length);
      const expected = signEcdsa(p256, token.privateKey(SLOT_CARD_AUTHENTICATION), point, padded);
      expect(authField(token.data(signCommand(SLOT_CARD_AUTHENTICATION, digest)), TAG_RESPONSE)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

describe("the PIN policy", () => {
  test("never: signs without the PIN", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_NEVER });
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_OK);
  });

  test("once: signs as often as asked after one VERIFY, whatever comes between", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE });
    expect(token.send(signCommand(SLOT_AUTHENTICATION))).toEqual(REFUSED);
    token.data(verifyPin(PIN));
    for (let i = 0; i < 3; i++) {
      expect(token.sw(signCommand(SLOT_AUTHENTICATION))).toBe(SW_OK);
      token.data({ ins: INS_GET_VERSION, le: 256 });
    }
    token.data(FORGET_PIN);
    expect(token.send(signCommand(SLOT_AUTHENTICATION))).toEqual(REFUSED);
  });

  test("always: signs once after each VERIFY", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS });
    expect(token.send(signCommand(SLOT_SIGNATURE))).toEqual(REFUSED);
    for (let i = 0; i < 3; i++) {
      token.data(verifyPin(PIN));
      expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_OK);
      expect(token.send(signCommand(SLOT_SIGNATURE))).toEqual(REFUSED);
    }
    expect(token.signatures).toBe(3);
  });

  test.each([
    ["GET VERSION", { ins: INS_GET_VERSION, le: 256 }],
    ["a VERIFY that only asks for the tries", ASK_TRIES],
    ["a signature that is refused for its data", signCommand(SLOT_SIGNATURE, new Uint8Array(33))],
    ["a wrong PIN", verifyPin(WRONG_PIN)],
    ["P1 = FF of VERIFY", FORGET_PIN],
    ["another key's signature", signCommand(SLOT_CARD_AUTHENTICATION)],
    ["a command that does not exist", { ins: 0x99 }],
    ["a command of a class that does not exist", { cla: 0x40, ins: INS_GET_VERSION }],
  ])("always: VERIFY has to come immediately before; %s between makes it count no more", (_what, between) => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS });
    token.makeKey(SLOT_CARD_AUTHENTICATION);
    token.data(verifyPin(PIN));
    token.send(between);
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("always: a chained signature counts as one command", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    token.data(verifyPin(PIN));
    const { data = EMPTY_BYTES, ...command } = signCommand(SLOT_SIGNATURE);
    expect(token.sw({ ...command, cla: 0x10, data: data.slice(0, 20), le: 0 })).toBe(SW_OK);
    expect(token.sw({ ...command, data: data.slice(20) })).toBe(SW_OK);
  });

  test.each([PIN_POLICY_ONCE, PIN_POLICY_ALWAYS])("%i: a PIN verified on one channel opens no key on another", (pin) => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE, { pin });
    token.data(verifyPin(PIN));
    expect(token.send(signCommand(SLOT_SIGNATURE), new Channel())).toEqual(REFUSED);
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_OK);
  });

  test("the management key opens no private key", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    expect(token.authenticate().send(signCommand(SLOT_SIGNATURE))).toEqual(REFUSED);
  });
});

test("a template of more fields than any command knows is refused: 3 KB of empty ones would take a board's memory", () => {
  const token = new TestToken().initialise();
  token.makeKey(SLOT_CARD_AUTHENTICATION);
  const fields = (count: number): Uint8Array =>
    encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_CHALLENGE, [MESSAGE_DIGEST]), new Uint8Array(2 * (count - 1))]);
  const command = signCommand(SLOT_CARD_AUTHENTICATION);
  expect(token.sw({ ...command, data: fields(MAX_FIELDS) })).toBe(SW_OK);
  expect(token.sw({ ...command, data: fields(MAX_FIELDS + 1) })).toBe(SW_WRONG_DATA);
});

describe("a signature is refused, and the key not used,", () => {
  const ready = (): TestToken => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_CARD_AUTHENTICATION);
    return token;
  };

  test.each([
    ["no template", ""],
    ["no digest", "7c028200"],
    ["an empty digest", "7c0482008100"],
    ["a digest of 33 bytes", `7c2582008121${"11".repeat(33)}`],
    ["a template cut short", "7c2482008120"],
  ])("for %s", (_what, hex) => {
    const token = ready();
    expect(token.sw({ ...signCommand(SLOT_CARD_AUTHENTICATION), data: hexToBytes(hex) })).toBe(SW_WRONG_DATA);
    expect(token.signatures).toBe(0);
  });

  test.each([0x00, 0x07, ALG_P384, ALG_AES_256])("for algorithm %i", (p1) => {
    const token = ready();
    expect(token.sw({ ...signCommand(SLOT_CARD_AUTHENTICATION), p1 })).toBe(SW_INCORRECT_P1_P2);
    expect(token.signatures).toBe(0);
  });

  test.each([0x00, 0x80, 0x81, 0x96, 0xf9, SLOT_MANAGEMENT])("for slot %i", (p2) => {
    const token = ready();
    expect(token.sw({ ...signCommand(SLOT_CARD_AUTHENTICATION), p2 })).toBe(SW_INCORRECT_P1_P2);
    expect(token.signatures).toBe(0);
  });
});

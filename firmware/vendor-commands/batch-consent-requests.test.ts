// BATCH_BEGIN: what it asks for, and what it refuses.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hexToBytes } from "../../protocol/bytes.ts";
import { CborMap, type CborValue } from "../../protocol/cbor.ts";
import {
  BUTTON_POLICY_NEVER,
  INS_GET_VERSION,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { MAX_BATCH_DIGESTS, REQUEST_DIGESTS, REQUEST_SLOT, VENDOR_BATCH_BEGIN, VENDOR_BATCH_END } from "../../protocol/vendor.ts";
import {
  apdu,
  BATCH_END,
  batchBegin,
  type CommandParts,
  signCommand,
  vendorCommand,
  verifyPin,
} from "../../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";

const A = new Uint8Array(32).fill(0xa1);
const SIGN_A = signCommand(SLOT_SIGNATURE, A);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function withKey(slot = SLOT_SIGNATURE, pin?: number): TestToken {
  const token = new TestToken().initialise();
  token.makeKey(slot, { button: BUTTON_POLICY_NEVER, ...(pin !== undefined && { pin }) });
  token.data(verifyPin(PIN));
  return token;
}

describe("BATCH_BEGIN asks for the PIN first,", () => {
  test.each([PIN_POLICY_NEVER, PIN_POLICY_ONCE])("whatever the key's policy (%i), and not for the button without it", (pin) => {
    const token = withKey(SLOT_CARD_AUTHENTICATION, pin);
    expect(token.sw(batchBegin(SLOT_CARD_AUTHENTICATION, [A]), new Channel())).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.button.waits).toBe(0);
    token.data({ ins: INS_GET_VERSION, le: 256 });
    expect(token.sendPressed(batchBegin(SLOT_CARD_AUTHENTICATION, [A])).sw).toBe(SW_OK);
  });

  test("just before for a PIN-always key", () => {
    const token = withKey();
    token.data({ ins: INS_GET_VERSION, le: 256 });
    expect(token.sw(batchBegin(SLOT_SIGNATURE, [A]))).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.button.waits).toBe(0);
    token.data(verifyPin(PIN));
    expect(token.sendPressed(batchBegin(SLOT_SIGNATURE, [A])).sw).toBe(SW_OK);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
  });

  test("just before the first piece when it comes in pieces", () => {
    const token = withKey();
    const { data = A, ...head } = batchBegin(SLOT_SIGNATURE, [A]);
    expect(token.sw({ ...head, cla: 0x90, data: data.subarray(0, 20) })).toBe(SW_OK);
    expect(token.sendPressed({ ...head, data: data.subarray(20) }).sw).toBe(SW_OK);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
  });

  test("and the management key is none", () => {
    const token = withKey(SLOT_SIGNATURE, PIN_POLICY_NEVER);
    const other = new Channel();
    token.authenticate(undefined, undefined, other);
    expect(token.sw(batchBegin(SLOT_SIGNATURE, [A]), other)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });
});

describe("the button", () => {
  test("is asked for even when the key's policy is never", () => {
    const token = withKey();
    expect(token.sendPressed(batchBegin(SLOT_SIGNATURE, [A])).sw).toBe(SW_OK);
    expect(token.button.waits).toBe(1);
  });

  test.each(["runs out of time", "is cancelled"])("that is never pressed gives no consent: the wait %s", (how) => {
    const token = withKey();
    token.button.script = { kind: "never" };
    const answers: number[] = [];
    expect(token.raw(apdu(batchBegin(SLOT_SIGNATURE, [A])), token.channel, ({ sw }) => answers.push(sw))).toBeNull();
    if (how === "is cancelled") token.token.cancel(token.channel);
    else vi.advanceTimersByTime(15_000);
    expect(answers).toEqual([SW_CONDITIONS_NOT_SATISFIED]);
    expect(token.sw(SIGN_A)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
    expect(token.signatures).toBe(0);
  });

  test("pressed for the list is no press for a key that caches one", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_AUTHENTICATION, { button: 3 });
    token.data(verifyPin(PIN));
    token.sendPressed(batchBegin(SLOT_AUTHENTICATION, [A]));
    token.data(signCommand(SLOT_AUTHENTICATION, A));
    expect(token.sendPressed(signCommand(SLOT_AUTHENTICATION, A)).sw).toBe(SW_OK);
  });
});

describe("BATCH_BEGIN refuses, with no press and nothing written,", () => {
  const refused = (parts: CommandParts, sw: number, token = withKey()): void => {
    expect(token.imagesDuring(() => expect(token.sw(parts)).toBe(sw))).toEqual([]);
    expect(token.button.waits).toBe(0);
    expect(token.sw(SIGN_A)).not.toBe(SW_OK);
  };
  const request = (slot: CborValue, digests: CborValue): CommandParts =>
    vendorCommand(VENDOR_BATCH_BEGIN, new CborMap().put(REQUEST_SLOT, slot).put(REQUEST_DIGESTS, digests));
  const many = (count: number): Uint8Array[] => Array.from({ length: count }, () => A);

  test.each([0, MAX_BATCH_DIGESTS + 1, 90])("a list of %i digests", (count) => {
    refused(batchBegin(SLOT_SIGNATURE, many(count)), SW_WRONG_DATA);
  });

  test(`takes ${MAX_BATCH_DIGESTS}`, () => {
    const token = withKey();
    expect(token.sendPressed(batchBegin(SLOT_SIGNATURE, many(MAX_BATCH_DIGESTS))).sw).toBe(SW_OK);
    for (let i = 0; i < MAX_BATCH_DIGESTS; i++) expect(token.sw(SIGN_A)).toBe(SW_OK);
    expect(token.sw(SIGN_A)).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test.each([0, 1, 31, 33, 48])("a digest of %i bytes, be it the last", (lengthBytes) => {
    refused(batchBegin(SLOT_SIGNATURE, [new Uint8Array(lengthBytes)]), SW_WRONG_DATA);
    refused(batchBegin(SLOT_SIGNATURE, [A, A, new Uint8Array(lengthBytes)]), SW_WRONG_DATA);
  });

  test.each<[string, CborValue, CborValue, number]>([
    ["digests that are no list", SLOT_SIGNATURE, A, SW_WRONG_DATA],
    ["a digest that is a number", SLOT_SIGNATURE, [1], SW_WRONG_DATA],
    ["a digest that is text", SLOT_SIGNATURE, ["a".repeat(32)], SW_WRONG_DATA],
    ["a list of lists", SLOT_SIGNATURE, [[A]], SW_WRONG_DATA],
    ["a slot that is text", "9c", [A], SW_WRONG_DATA],
    ["a slot below zero", -1, [A], SW_WRONG_DATA],
    ["a slot that is none", 0x100 + SLOT_SIGNATURE, [A], SW_INCORRECT_P1_P2],
    ["the management key", SLOT_MANAGEMENT, [A], SW_INCORRECT_P1_P2],
    ["the attestation key", 0xf9, [A], SW_INCORRECT_P1_P2],
    ["a slot without a key", SLOT_AUTHENTICATION, [A], SW_REFERENCE_NOT_FOUND],
  ])("%s", (_what, slot, digests, sw) => {
    refused(request(slot, digests), sw);
  });

  test.each([
    ["no data", ""],
    ["no map", "01"],
    ["an empty map", "a0"],
    ["no digests", "a101189c"],
    ["no slot", `a1028158${"20"}${"a1".repeat(32)}`],
    ["a key too many", `a301189c02815820${"a1".repeat(32)}0340`],
    ["keys out of order", `a202815820${"a1".repeat(32)}01189c`],
    ["a key twice", `a301189c01189c02815820${"a1".repeat(32)}`],
    ["a length not in its shortest form", `a20119009c02815820${"a1".repeat(32)}`],
    ["a list of indefinite length", `a201189c029f5820${"a1".repeat(32)}ff`],
    ["a map cut short", `a201189c02825820${"a1".repeat(32)}`],
    ["bytes behind the map", `a201189c02815820${"a1".repeat(32)}00`],
    ["a list longer than the data", "a201189c029affffffff"],
  ])("%s", (_what, hex) => {
    refused({ ...vendorCommand(VENDOR_BATCH_BEGIN), data: hexToBytes(hex) }, SW_WRONG_DATA);
  });

  test("P2 other than 0", () => {
    refused({ ...batchBegin(SLOT_SIGNATURE, [A]), p2: 1 }, SW_INCORRECT_P1_P2);
  });

  test("on a blank token", () => {
    refused(batchBegin(SLOT_SIGNATURE, [A]), SW_CONDITIONS_NOT_SATISFIED, new TestToken());
  });
});

describe("BATCH_END", () => {
  test("needs no list and no secret", () => {
    expect(new TestToken().initialise().sw(BATCH_END)).toBe(SW_OK);
  });

  test.each([
    ["data", vendorCommand(VENDOR_BATCH_END, new CborMap()), SW_WRONG_DATA],
    ["another P2", { ...BATCH_END, p2: 1 }, SW_INCORRECT_P1_P2],
  ])("refuses %s, and the list stays", (_what, command, sw) => {
    const token = withKey();
    token.sendPressed(batchBegin(SLOT_SIGNATURE, [A]));
    expect(token.sw(command)).toBe(sw);
    expect(token.sw(SIGN_A)).toBe(SW_OK);
  });
});

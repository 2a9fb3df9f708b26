// ERASE_KEY and its receipt.

import { describe, expect, test } from "vitest";
import { bytesToHex, EMPTY_BYTES } from "../../protocol/bytes.ts";
import { CborMap, type CborValue } from "../../protocol/cbor.ts";
import {
  ALG_P256,
  ALG_P384,
  BUTTON_POLICY_CACHED,
  INS_GET_METADATA,
  retiredKeySlot,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INCORRECT_P1_P2,
  SW_NOT_FOUND,
  SW_OK,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import {
  ENTRY_ERASURE,
  ENTRY_SIGNATURE,
  REQUEST_COUNTER,
  REQUEST_SLOT,
  STATEMENT_ALGORITHM,
  STATEMENT_COUNTER,
  STATEMENT_FIRMWARE,
  STATEMENT_FORMAT,
  STATEMENT_IS_DESTRUCTION,
  STATEMENT_KIND,
  STATEMENT_PROFILE,
  STATEMENT_PUBLIC_KEY,
  STATEMENT_SERIAL,
  STATEMENT_SIMULATED,
  STATEMENT_SLOT,
  VENDOR_ERASE_KEY,
  VENDOR_ERASURE_RECEIPT,
} from "../../protocol/vendor.ts";
import { type CommandParts, generateKey, RESET, signCommand, vendorCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { statementOf } from "../../test/firmware/journal-chain.ts";
import { seal } from "../../test/firmware/sealed-token.ts";
import { PIN, TEST_SERIAL, TestToken } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";
import { currentRevision } from "../revision.ts";
import { FIRMWARE_VERSION } from "../version.ts";

const RETIRED = retiredKeySlot(3).slot;

const ofSlot = (slot: CborValue): CborMap => new CborMap().put(REQUEST_SLOT, slot);
const eraseKey = (slot: number): CommandParts => vendorCommand(VENDOR_ERASE_KEY, ofSlot(slot));
const receiptOf = (slot: number): CommandParts => vendorCommand(VENDOR_ERASURE_RECEIPT, ofSlot(slot));

/** A sealed token with a key in each of these slots. */
function sealed(...slots: number[]): { token: TestToken; attestation: Uint8Array; points: Uint8Array[] } {
  const token = new TestToken();
  const attestation = seal(token);
  token.initialise();
  const points = slots.map((slot) => token.makeKey(slot));
  return { token, attestation, points };
}

describe("ERASE_KEY", () => {
  test("erases the key, for good: not listed, not signing, and zeroised in the flash", () => {
    const { token } = sealed(SLOT_SIGNATURE);
    const key = Buffer.from(token.privateKey(SLOT_SIGNATURE));
    expect(Buffer.from(token.image.bytes).includes(key)).toBe(true);
    token.authenticate().vendor(VENDOR_ERASE_KEY, ofSlot(SLOT_SIGNATURE));
    expect(Buffer.from(token.image.bytes).includes(key.subarray(0, 8))).toBe(false);
    for (const one of [token, token.reopened()]) {
      one.data(verifyPin(PIN));
      expect(one.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_REFERENCE_NOT_FOUND);
      expect(one.sw({ ins: INS_GET_METADATA, p2: SLOT_SIGNATURE, le: 256 })).toBe(SW_REFERENCE_NOT_FOUND);
    }
  });

  test("gives a receipt signed by the attestation key: which key, which slot, which entry", () => {
    const { token, attestation, points } = sealed(SLOT_AUTHENTICATION, SLOT_SIGNATURE);
    const counter = token.token.card.log.counter() + 1;
    const told = statementOf(token.authenticate().vendor(VENDOR_ERASE_KEY, ofSlot(SLOT_SIGNATURE)), attestation);
    expect(Object.fromEntries(told.keys.map((key) => [key, told.get(key)]))).toEqual({
      [STATEMENT_FORMAT]: 1,
      [STATEMENT_KIND]: STATEMENT_IS_DESTRUCTION,
      [STATEMENT_SERIAL]: TEST_SERIAL,
      [STATEMENT_FIRMWARE]: FIRMWARE_VERSION,
      [STATEMENT_PROFILE]: "strict",
      [STATEMENT_SIMULATED]: true,
      [STATEMENT_COUNTER]: counter,
      [STATEMENT_SLOT]: SLOT_SIGNATURE,
      [STATEMENT_ALGORITHM]: ALG_P256,
      [STATEMENT_PUBLIC_KEY]: points[1],
    });
  });

  test("of a P-384 key tells its algorithm and its point", () => {
    const { token, attestation } = sealed();
    const point = token.makeKey(RETIRED, { algorithm: ALG_P384 });
    const told = statementOf(token.authenticate().vendor(VENDOR_ERASE_KEY, ofSlot(RETIRED)), attestation);
    expect([told.get(STATEMENT_SLOT), told.get(STATEMENT_ALGORITHM), told.get(STATEMENT_PUBLIC_KEY)]).toEqual([RETIRED, ALG_P384, point]);
  });

  test("tells the erasure and then the receipt's signature in the signature journal", () => {
    const { token, points } = sealed(SLOT_SIGNATURE);
    const { log, hal } = token.token.card;
    const before = log.counter();
    token.authenticate().vendor(VENDOR_ERASE_KEY, ofSlot(SLOT_SIGNATURE));
    const [erasure, signature] = log.read(before + 1, 32).entries;
    const hash = hal.crypto.sha256(points[0] ?? EMPTY_BYTES);
    expect(bytesToHex(erasure ?? EMPTY_BYTES)).toBe(bytesToHex(Uint8Array.of(SLOT_SIGNATURE, ENTRY_ERASURE, ...hash)));
    expect([...(signature?.subarray(0, 2) ?? [])]).toEqual([SLOT_ATTESTATION, ENTRY_SIGNATURE]);
    expect(log.counter()).toBe(before + 2);
  });

  test("leaves the other keys, and makes the revision go up by one", () => {
    const { token } = sealed(SLOT_AUTHENTICATION, SLOT_SIGNATURE);
    const before = currentRevision(token.token.card.journal);
    token.authenticate().vendor(VENDOR_ERASE_KEY, ofSlot(SLOT_SIGNATURE));
    expect(currentRevision(token.reopened().token.card.journal)).toBe(before + 1);
    token.data(verifyPin(PIN));
    expect(token.sw(signCommand(SLOT_AUTHENTICATION))).toBe(SW_OK);
  });

  test("leaves the slot free for a new key", () => {
    const { token } = sealed(SLOT_SIGNATURE);
    token.authenticate().vendor(VENDOR_ERASE_KEY, ofSlot(SLOT_SIGNATURE));
    token.makeKey(SLOT_SIGNATURE);
    token.data(verifyPin(PIN));
    expect(token.sw(signCommand(SLOT_SIGNATURE))).toBe(SW_OK);
  });

  test("needs no button, be the key's policy what it may", () => {
    const { token } = sealed();
    token.makeKey(SLOT_SIGNATURE, { button: BUTTON_POLICY_CACHED });
    expect(token.authenticate().sw(eraseKey(SLOT_SIGNATURE))).toBe(SW_OK);
  });
});

describe("ERASE_KEY refuses, with nothing written and the key there,", () => {
  const refused = (token: TestToken, parts: CommandParts, sw: number): void => {
    expect(token.imagesDuring(() => expect(token.sw(parts)).toBe(sw))).toEqual([]);
    expect(token.token.card.keys.info(SLOT_SIGNATURE)).not.toBeNull();
  };

  test("without the management key on this channel; the PIN does not do", () => {
    const { token } = sealed(SLOT_SIGNATURE);
    token.authenticate(undefined, undefined, new Channel());
    refused(token, eraseKey(SLOT_SIGNATURE), SW_SECURITY_STATUS_NOT_SATISFIED);
    token.data(verifyPin(PIN));
    refused(token, eraseKey(SLOT_SIGNATURE), SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("on a token that is not sealed: nobody could prove it", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    refused(token.authenticate(), eraseKey(SLOT_SIGNATURE), SW_REFERENCE_NOT_FOUND);
  });

  test.each([
    ["an empty slot", eraseKey(SLOT_AUTHENTICATION), SW_REFERENCE_NOT_FOUND],
    ["the attestation key", eraseKey(SLOT_ATTESTATION), SW_INCORRECT_P1_P2],
    ["the management key", eraseKey(SLOT_MANAGEMENT), SW_INCORRECT_P1_P2],
    ["a slot that ends like one", eraseKey(0x100 + SLOT_SIGNATURE), SW_INCORRECT_P1_P2],
    ["a slot below zero", eraseKey(-1), SW_WRONG_DATA],
    ["a slot in text", vendorCommand(VENDOR_ERASE_KEY, ofSlot("9c")), SW_WRONG_DATA],
    ["no slot", vendorCommand(VENDOR_ERASE_KEY), SW_WRONG_DATA],
    ["another request", vendorCommand(VENDOR_ERASE_KEY, new CborMap().put(REQUEST_COUNTER, SLOT_SIGNATURE)), SW_WRONG_DATA],
    ["P2", { ...eraseKey(SLOT_SIGNATURE), p2: 1 }, SW_INCORRECT_P1_P2],
  ])("%s", (_what, parts, sw) => {
    refused(sealed(SLOT_SIGNATURE).token.authenticate(), parts, sw);
  });

  test("on a blank token", () => {
    const token = new TestToken();
    seal(token);
    expect(token.imagesDuring(() => expect(token.sw(eraseKey(SLOT_SIGNATURE))).toBe(SW_CONDITIONS_NOT_SATISFIED))).toEqual([]);
  });
});

describe("the receipt, asked for again,", () => {
  test("tells the same, also after a power-off and for the holder", () => {
    const { token, attestation } = sealed(SLOT_SIGNATURE);
    const first = statementOf(token.authenticate().vendor(VENDOR_ERASE_KEY, ofSlot(SLOT_SIGNATURE)), attestation);
    expect(statementOf(token.vendor(VENDOR_ERASURE_RECEIPT, ofSlot(SLOT_SIGNATURE)), attestation)).toEqual(first);
    const later = token.reopened();
    later.data(verifyPin(PIN));
    expect(statementOf(later.vendor(VENDOR_ERASURE_RECEIPT, ofSlot(SLOT_SIGNATURE)), attestation)).toEqual(first);
  });

  test("is there for a key that GENERATE has replaced: of the old key, not of the new one", () => {
    const { token, attestation, points } = sealed(SLOT_SIGNATURE);
    const { log } = token.token.card;
    token.authenticate();
    for (const old of [points[0], undefined]) {
      const replaced = old ?? token.token.card.keys.info(SLOT_SIGNATURE)?.publicKey;
      const counter = log.counter() + 1;
      token.data(generateKey(SLOT_SIGNATURE));
      expect(log.counter()).toBe(counter);
      const told = statementOf(token.vendor(VENDOR_ERASURE_RECEIPT, ofSlot(SLOT_SIGNATURE)), attestation);
      expect([told.get(STATEMENT_COUNTER), told.get(STATEMENT_PUBLIC_KEY)]).toEqual([counter, replaced]);
    }
  });

  test("is there after RESET", () => {
    const { token, attestation, points } = sealed(SLOT_SIGNATURE);
    token.block().data(RESET);
    token.initialise().data(verifyPin(PIN));
    const told = statementOf(token.vendor(VENDOR_ERASURE_RECEIPT, ofSlot(SLOT_SIGNATURE)), attestation);
    expect(told.get(STATEMENT_PUBLIC_KEY)).toEqual(points[0]);
  });

  test("is another slot's when asked for another slot", () => {
    const { token, attestation, points } = sealed(SLOT_SIGNATURE, SLOT_KEY_MANAGEMENT);
    token.authenticate();
    for (const slot of [SLOT_SIGNATURE, SLOT_KEY_MANAGEMENT]) token.data(eraseKey(slot));
    const told = statementOf(token.vendor(VENDOR_ERASURE_RECEIPT, ofSlot(SLOT_SIGNATURE)), attestation);
    expect(told.get(STATEMENT_PUBLIC_KEY)).toEqual(points[0]);
  });

  test.each([
    ["a slot whose key was never erased", receiptOf(SLOT_SIGNATURE), SW_NOT_FOUND],
    ["an empty slot", receiptOf(RETIRED), SW_NOT_FOUND],
    ["a slot that is none", receiptOf(0), SW_INCORRECT_P1_P2],
    ["the attestation key", receiptOf(SLOT_ATTESTATION), SW_INCORRECT_P1_P2],
    ["a slot that ends like one", receiptOf(0x100 + SLOT_AUTHENTICATION), SW_INCORRECT_P1_P2],
    ["no slot", vendorCommand(VENDOR_ERASURE_RECEIPT), SW_WRONG_DATA],
  ])("is refused for %s", (_what, parts, sw) => {
    const { token } = sealed(SLOT_SIGNATURE, SLOT_AUTHENTICATION);
    token.authenticate().data(eraseKey(SLOT_AUTHENTICATION));
    expect(token.imagesDuring(() => expect(token.sw(parts)).toBe(sw))).toEqual([]);
  });

  test("needs the PIN or the management key", () => {
    const { token } = sealed(SLOT_SIGNATURE);
    token.authenticate().data(eraseKey(SLOT_SIGNATURE));
    expect(token.sw(receiptOf(SLOT_SIGNATURE), new Channel())).toBe(SW_SECURITY_STATUS_NOT_SATISFIED);
  });

  test("is refused on a token that is not sealed", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_SIGNATURE);
    token.makeKey(SLOT_SIGNATURE);
    expect(token.authenticate().sw(receiptOf(SLOT_SIGNATURE))).toBe(SW_REFERENCE_NOT_FOUND);
  });
});

// JOURNAL_HEAD and JOURNAL_READ: the chain that they tell is recomputed here, from the answers alone.

import { describe, expect, test } from "vitest";
import { asciiBytes, bytesToHex } from "../../protocol/bytes.ts";
import { CborMap, type CborValue } from "../../protocol/cbor.ts";
import {
  PIN_POLICY_NEVER,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
} from "../../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import {
  ENTRY_SIGNATURE,
  JOURNAL_ENTRIES,
  JOURNAL_ENTRIES_AN_ANSWER,
  JOURNAL_FIRST,
  JOURNAL_HASH_BEFORE,
  JOURNAL_NEWEST,
  JOURNAL_READABLE_ENTRIES,
  MAX_NONCE_BYTES,
  REQUEST_COUNTER,
  REQUEST_NONCE,
  SIGNED_STATEMENT,
  STATEMENT_COUNTER,
  STATEMENT_FIRMWARE,
  STATEMENT_FORMAT,
  STATEMENT_HASH,
  STATEMENT_IS_JOURNAL_HEAD,
  STATEMENT_KIND,
  STATEMENT_NONCE,
  STATEMENT_PREFIX,
  STATEMENT_PROFILE,
  STATEMENT_SERIAL,
  STATEMENT_SIMULATED,
  VENDOR_JOURNAL_HEAD,
  VENDOR_JOURNAL_READ,
} from "../../protocol/vendor.ts";
import { type CommandParts, signCommand, vendorCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { entryOf, fromCounter, readChain, sha256, statementOf } from "../../test/firmware/journal-chain.ts";
import { seal } from "../../test/firmware/sealed-token.ts";
import { PIN, TEST_SERIAL, TestToken } from "../../test/firmware/test-token.ts";
import { Channel } from "../channel.ts";
import { FIRMWARE_VERSION } from "../version.ts";

const NONCE = new Uint8Array(16).fill(0x5a);

const withNonce = (nonce: CborValue): CborMap => new CborMap().put(REQUEST_NONCE, nonce);
const head = (nonce: CborValue = NONCE): CommandParts => vendorCommand(VENDOR_JOURNAL_HEAD, withNonce(nonce));
const read = (counter: CborValue): CommandParts => vendorCommand(VENDOR_JOURNAL_READ, fromCounter(counter));

/** A sealed token with keys that need no PIN in 9A, 9D and 9E; the PIN is verified. */
function sealed(): { token: TestToken; attestation: Uint8Array } {
  const token = new TestToken();
  const attestation = seal(token);
  token.initialise();
  for (const slot of [SLOT_AUTHENTICATION, SLOT_KEY_MANAGEMENT, SLOT_CARD_AUTHENTICATION]) token.makeKey(slot, { pin: PIN_POLICY_NEVER });
  token.data(verifyPin(PIN));
  return { token, attestation };
}

describe("the head", () => {
  test("is signed by the attestation key, for this nonce and this token", () => {
    const { token, attestation } = sealed();
    token.data(signCommand(SLOT_AUTHENTICATION));
    const told = statementOf(token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE)), attestation);
    expect(Object.fromEntries(told.keys.map((key) => [key, told.get(key)]))).toEqual({
      [STATEMENT_FORMAT]: 1,
      [STATEMENT_KIND]: STATEMENT_IS_JOURNAL_HEAD,
      [STATEMENT_SERIAL]: TEST_SERIAL,
      [STATEMENT_FIRMWARE]: FIRMWARE_VERSION,
      [STATEMENT_PROFILE]: "strict",
      [STATEMENT_SIMULATED]: true,
      [STATEMENT_NONCE]: NONCE,
      [STATEMENT_COUNTER]: 1,
      [STATEMENT_HASH]: expect.any(Uint8Array),
    });
  });

  test("of a journal without entries has counter 0 and 32 zeros", () => {
    const { token, attestation } = sealed();
    const told = statementOf(token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE)), attestation);
    expect([told.get(STATEMENT_COUNTER), told.get(STATEMENT_HASH)]).toEqual([0, new Uint8Array(32)]);
  });

  test.each([0, 1, MAX_NONCE_BYTES])("takes a nonce of %i bytes", (lengthBytes) => {
    const { token, attestation } = sealed();
    const nonce = new Uint8Array(lengthBytes).fill(7);
    expect(statementOf(token.vendor(VENDOR_JOURNAL_HEAD, withNonce(nonce)), attestation).get(STATEMENT_NONCE)).toEqual(nonce);
  });

  test("is itself an entry, after the one that it tells of", () => {
    const { token, attestation } = sealed();
    const signed = token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE));
    const digest = sha256(asciiBytes(STATEMENT_PREFIX), signed.get(SIGNED_STATEMENT) as Uint8Array);
    expect(readChain(token).entries.get(1)).toBe(entryOf(SLOT_ATTESTATION, ENTRY_SIGNATURE, digest));
    expect(statementOf(token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE)), attestation).get(STATEMENT_COUNTER)).toBe(1);
  });
});

describe("the chain that is read equals the signed head", () => {
  const expectChain = (token: TestToken, attestation: Uint8Array): void => {
    const chain = readChain(token);
    const told = statementOf(token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE)), attestation);
    expect([told.get(STATEMENT_COUNTER), bytesToHex(told.get(STATEMENT_HASH) as Uint8Array)]).toEqual([chain.newest, chain.hash]);
  };

  test("after each of many operations, over several answers and power-offs", () => {
    let { token } = sealed();
    const { attestation } = sealedBy(token);
    for (let i = 1; i <= 3 * JOURNAL_ENTRIES_AN_ANSWER + 1; i++) {
      token.data(signCommand(SLOT_AUTHENTICATION, sha256(Uint8Array.of(i))));
      if (i % 40 !== 0) continue;
      token = token.reopened();
      token.data(verifyPin(PIN));
      expectChain(token, attestation);
    }
    expectChain(token, attestation);
  });

  test("also when only the newest entries can be read", () => {
    const { token, attestation } = sealed();
    for (let i = 1; i <= 700; i++) token.data(signCommand(SLOT_AUTHENTICATION, sha256(Uint8Array.of(i >> 8, i))));
    expectChain(token, attestation);
    const { entries, newest } = readChain(token);
    expect(entries.size).toBeGreaterThanOrEqual(JOURNAL_READABLE_ENTRIES);
    expect([newest, Math.max(...entries.keys())]).toEqual([701, 701]);
  });
});

/** The attestation key's point of a sealed token. */
function sealedBy(token: TestToken): { attestation: Uint8Array } {
  return { attestation: token.token.card.keys.info(SLOT_ATTESTATION)?.publicKey ?? new Uint8Array(0) };
}

describe("JOURNAL_READ", () => {
  test("begins where it is asked to, and gives no more than fit one answer", () => {
    const { token } = sealed();
    for (let i = 0; i < 50; i++) token.data(signCommand(SLOT_AUTHENTICATION));
    const answer = token.vendor(VENDOR_JOURNAL_READ, fromCounter(5));
    expect([answer.get(JOURNAL_NEWEST), answer.get(JOURNAL_FIRST)]).toEqual([50, 5]);
    expect(answer.get(JOURNAL_ENTRIES)).toHaveLength(JOURNAL_ENTRIES_AN_ANSWER);
    expect(token.vendor(VENDOR_JOURNAL_READ, fromCounter(50)).get(JOURNAL_ENTRIES)).toHaveLength(1);
  });

  test.each([0, 1])("from %i gives the first entry that there is", (counter) => {
    const { token } = sealed();
    token.data(signCommand(SLOT_AUTHENTICATION));
    const answer = token.vendor(VENDOR_JOURNAL_READ, fromCounter(counter));
    expect([answer.get(JOURNAL_FIRST), answer.get(JOURNAL_HASH_BEFORE)]).toEqual([1, new Uint8Array(32)]);
    expect(answer.get(JOURNAL_ENTRIES)).toHaveLength(1);
  });

  test.each([2, 3, 1000, 0xffffffff])("from %i, past the newest of one, gives none and the newest hash", (counter) => {
    const { token, attestation } = sealed();
    token.data(signCommand(SLOT_AUTHENTICATION));
    const answer = token.vendor(VENDOR_JOURNAL_READ, fromCounter(counter));
    expect([answer.get(JOURNAL_NEWEST), answer.get(JOURNAL_FIRST), answer.get(JOURNAL_ENTRIES)]).toEqual([1, 2, []]);
    const told = statementOf(token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE)), attestation);
    expect(answer.get(JOURNAL_HASH_BEFORE)).toEqual(told.get(STATEMENT_HASH));
  });

  test("needs no attestation key", () => {
    const token = new TestToken().initialise();
    token.makeKey(SLOT_CARD_AUTHENTICATION);
    token.data(signCommand(SLOT_CARD_AUTHENTICATION));
    token.data(verifyPin(PIN));
    expect(readChain(token).newest).toBe(1);
  });
});

describe("head and entries are refused, and nothing is written,", () => {
  const refused = (token: TestToken, parts: CommandParts, sw: number, channel = token.channel): void => {
    expect(token.imagesDuring(() => expect(token.sw(parts, channel)).toBe(sw))).toEqual([]);
    expect(token.token.card.log.counter()).toBe(0);
  };

  test.each([
    ["head", head()],
    ["entries", read(1)],
  ])("to who has proved neither PIN nor management key (%s)", (_what, command) => {
    const { token } = sealed();
    const other = new Channel();
    refused(token, command, SW_SECURITY_STATUS_NOT_SATISFIED, other);
    expect(token.authenticate(undefined, undefined, other).sw(command, other)).toBe(0x9000);
  });

  test("on a token that is not sealed (head)", () => {
    const token = new TestToken().initialise();
    token.data(verifyPin(PIN));
    refused(token, head(), SW_REFERENCE_NOT_FOUND);
  });

  test.each([
    ["head", head()],
    ["entries", read(1)],
  ])("on a blank token (%s)", (_what, command) => {
    const token = new TestToken();
    seal(token);
    token.data(verifyPin("123456"));
    refused(token, command, SW_CONDITIONS_NOT_SATISFIED);
  });

  test.each<[string, CommandParts]>([
    ["a nonce of 33 bytes", head(new Uint8Array(MAX_NONCE_BYTES + 1))],
    ["a nonce that is text", head("nonce")],
    ["a nonce that is a number", head(1)],
    ["no nonce", vendorCommand(VENDOR_JOURNAL_HEAD)],
    ["another key than the nonce", vendorCommand(VENDOR_JOURNAL_HEAD, fromCounter(1))],
    ["a counter below zero", read(-1)],
    ["a counter that is a byte string", read(Uint8Array.of(1))],
    ["no counter", vendorCommand(VENDOR_JOURNAL_READ)],
    ["a counter and a nonce", vendorCommand(VENDOR_JOURNAL_READ, new CborMap().put(REQUEST_NONCE, NONCE).put(REQUEST_COUNTER, 1))],
    ["a list", vendorCommand(VENDOR_JOURNAL_READ, [1])],
  ])("for %s", (_what, command) => {
    refused(sealed().token, command, SW_WRONG_DATA);
  });
});

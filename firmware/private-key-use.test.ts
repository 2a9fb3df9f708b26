// Every use of a private key is told in the signature journal, before it is made.

import { createECDH, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bytesToHex, EMPTY_BYTES } from "../protocol/bytes.ts";
import { CborMap, type CborValue } from "../protocol/cbor.ts";
import {
  ALG_P256,
  ALG_P384,
  PIN_POLICY_NEVER,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
  TAG_RESPONSE,
} from "../protocol/piv.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import {
  ENTRY_ERASURE,
  ENTRY_KEY_AGREEMENT,
  ENTRY_SIGNATURE,
  INFO_COUNTER,
  MAX_NONCE_BYTES,
  REQUEST_NONCE,
  REQUEST_SLOT,
  STATEMENT_COUNTER,
  STATEMENT_HASH,
  VENDOR_DEVICE_INFO,
  VENDOR_ERASE_KEY,
  VENDOR_JOURNAL_HEAD,
} from "../protocol/vendor.ts";
import { agreeCommand, authField, generateKey, RESET, signCommand, vendorCommand, verifyPin } from "../test/firmware/card-commands.ts";
import { entryOf, readChain, sha256, statementOf } from "../test/firmware/journal-chain.ts";
import { seal } from "../test/firmware/sealed-token.ts";
import { PIN, TestToken } from "../test/firmware/test-token.ts";
import { publicKeyOf } from "../test/support/ec-keys.ts";
import { Channel } from "./channel.ts";
import type { Curve, Hal } from "./hal.ts";

const PEER = new Uint8Array(createECDH("prime256v1").generateKeys());
const NONCE = new Uint8Array(16).fill(0x5a);

const FAILED = { data: EMPTY_BYTES, sw: SW_INTERNAL_ERROR };

const withNonce = (nonce: CborValue): CborMap => new CborMap().put(REQUEST_NONCE, nonce);

/** A HAL with these signatures instead of its own on both curves. */
function signingBy(change: (curve: Curve) => Curve["sign"]): (hal: Hal) => Hal {
  const changed = (curve: Curve): Curve => ({ ...curve, sign: change(curve) });
  return (hal) => ({
    ...hal,
    crypto: { ...hal.crypto, p256: changed(hal.crypto.p256), p384: hal.crypto.p384 && changed(hal.crypto.p384) },
  });
}

/** A sealed token with keys that need no PIN in 9A, 9D and 9E; the PIN is verified. */
function sealed(): { token: TestToken; attestation: Uint8Array } {
  const token = new TestToken();
  const attestation = seal(token);
  token.initialise();
  for (const slot of [SLOT_AUTHENTICATION, SLOT_KEY_MANAGEMENT, SLOT_CARD_AUTHENTICATION]) token.makeKey(slot, { pin: PIN_POLICY_NEVER });
  token.data(verifyPin(PIN));
  return { token, attestation };
}

describe("every use of a private key is an entry:", () => {
  const only = (token: TestToken): string[] => [...readChain(token).entries.values()];

  test("a signature, by its digest", () => {
    const { token } = sealed();
    token.data(signCommand(SLOT_CARD_AUTHENTICATION, sha256()));
    expect(only(token)).toEqual([entryOf(SLOT_CARD_AUTHENTICATION, ENTRY_SIGNATURE, sha256())]);
  });

  test("of a short digest, with zeros before it", () => {
    const { token } = sealed();
    token.data(signCommand(SLOT_AUTHENTICATION, Uint8Array.of(0xab, 0xcd)));
    expect(only(token)).toEqual([entryOf(SLOT_AUTHENTICATION, ENTRY_SIGNATURE, Uint8Array.of(...new Uint8Array(30), 0xab, 0xcd))]);
  });

  test("of a long one, its SHA-256", () => {
    const { token } = sealed();
    token.makeKey(SLOT_SIGNATURE, { algorithm: ALG_P384, pin: PIN_POLICY_NEVER });
    const digest = new Uint8Array(48).fill(0xee);
    token.data(signCommand(SLOT_SIGNATURE, digest, ALG_P384));
    expect(only(token)).toEqual([entryOf(SLOT_SIGNATURE, ENTRY_SIGNATURE, sha256(digest))]);
  });

  test("an agreement, by the other side's point", () => {
    const { token } = sealed();
    token.data(agreeCommand(SLOT_KEY_MANAGEMENT, PEER));
    expect(only(token)).toEqual([entryOf(SLOT_KEY_MANAGEMENT, ENTRY_KEY_AGREEMENT, sha256(PEER))]);
  });

  test("an erased key and a replaced one, by their points; a first one is none", () => {
    const { token } = sealed();
    token.authenticate();
    const points = [SLOT_AUTHENTICATION, SLOT_KEY_MANAGEMENT].map((slot) => token.token.card.keys.info(slot)?.publicKey ?? PEER);
    token.data(vendorCommand(VENDOR_ERASE_KEY, new CborMap().put(REQUEST_SLOT, SLOT_AUTHENTICATION)));
    token.data(generateKey(SLOT_KEY_MANAGEMENT));
    token.data(generateKey(SLOT_SIGNATURE));
    const [erased, receipt, replaced, ...others] = only(token);
    expect(erased).toBe(entryOf(SLOT_AUTHENTICATION, ENTRY_ERASURE, sha256(points[0] ?? PEER)));
    expect(receipt).toMatch(/^f901/);
    expect(replaced).toBe(entryOf(SLOT_KEY_MANAGEMENT, ENTRY_ERASURE, sha256(points[1] ?? PEER)));
    expect(others).toEqual([]);
  });

  test("and nothing else is: refusals, PINs, keys made and objects leave it as it was", () => {
    const { token } = sealed();
    token.sw(signCommand(SLOT_AUTHENTICATION, new Uint8Array(33)));
    token.sw(agreeCommand(SLOT_KEY_MANAGEMENT, PEER.subarray(1)));
    token.sw(vendorCommand(VENDOR_JOURNAL_HEAD, withNonce(new Uint8Array(MAX_NONCE_BYTES + 1))));
    token.makeKey(SLOT_SIGNATURE);
    token.sw(signCommand(SLOT_SIGNATURE), new Channel());
    expect(only(token)).toEqual([]);
    expect(token.vendor(VENDOR_DEVICE_INFO).get(INFO_COUNTER)).toBe(0);
  });

  describe("told before the key is used: a use that fails is there too,", () => {
    test.each([
      [
        "with arithmetic that throws",
        (): never => {
          throw new Error("the power is gone");
        },
      ],
      ["with a signature that did not verify", (): null => null],
    ])("%s: 6F00 and no signature, and the key goes on", (_what, failing) => {
      let isFailing = true;
      const token = new TestToken({
        changeHal: signingBy(
          (hal) =>
            (...bytes) =>
              isFailing ? failing() : hal.sign(...bytes),
        ),
      });
      token.initialise();
      const point = token.makeKey(SLOT_AUTHENTICATION);
      token.data(verifyPin(PIN));
      const told = entryOf(SLOT_AUTHENTICATION, ENTRY_SIGNATURE, sha256());
      expect(token.send(signCommand(SLOT_AUTHENTICATION, sha256()))).toEqual(FAILED);
      expect(only(token)).toEqual([told]);
      const again = token.reopened();
      again.data(verifyPin(PIN));
      expect(only(again)).toEqual([told]);
      isFailing = false;
      const signature = authField(token.data(signCommand(SLOT_AUTHENTICATION, sha256())), TAG_RESPONSE);
      expect(verify("sha256", EMPTY_BYTES, publicKeyOf(point), signature)).toBe(true);
      expect(only(token)).toEqual([told, told]);
    });

    test("a statement's too: 6F00, no statement, and an entry of the attestation key", () => {
      const { token } = sealed();
      const faulty = token.reopened(signingBy(() => () => null));
      faulty.data(verifyPin(PIN));
      expect(faulty.send(vendorCommand(VENDOR_JOURNAL_HEAD, withNonce(NONCE)))).toEqual(FAILED);
      expect(only(faulty)).toEqual([expect.stringMatching(/^f901/)]);
    });
  });

  test("by the key of the slot and by its own point, and nothing of them stays", () => {
    const lent: Uint8Array[] = [];
    const seen: string[] = [];
    const token = new TestToken({
      changeHal: signingBy((curve) => (key, point, digest) => {
        lent.push(key);
        seen.push(bytesToHex(key), bytesToHex(point));
        return curve.sign(key, point, digest);
      }),
    });
    seal(token);
    token.initialise();
    const expected: string[] = [];
    for (const [slot, algorithm] of [
      [SLOT_AUTHENTICATION, ALG_P256],
      [SLOT_CARD_AUTHENTICATION, ALG_P384],
    ] as const) {
      const point = token.makeKey(slot, { algorithm, pin: PIN_POLICY_NEVER });
      token.data(signCommand(slot, sha256(), algorithm));
      expected.push(bytesToHex(token.privateKey(slot)), bytesToHex(point));
    }
    token.data(verifyPin(PIN));
    token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE));
    const own = token.token.card.keys.info(SLOT_ATTESTATION)?.publicKey ?? EMPTY_BYTES;
    expected.push(bytesToHex(token.privateKey(SLOT_ATTESTATION)), bytesToHex(own));
    expect(seen).toEqual(expected);
    expect(lent.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  test("over a RESET, too", () => {
    const { token, attestation } = sealed();
    token.data(signCommand(SLOT_AUTHENTICATION));
    token.block().data(RESET);
    token.initialise().data(verifyPin(PIN));
    const { newest, hash, entries } = readChain(token);
    expect([newest, entries.size]).toEqual([4, 4]);
    const told = statementOf(token.vendor(VENDOR_JOURNAL_HEAD, withNonce(NONCE)), attestation);
    expect([told.get(STATEMENT_COUNTER), bytesToHex(told.get(STATEMENT_HASH) as Uint8Array)]).toEqual([newest, hash]);
  });
});

// P-384: where the HAL offers it, keys, signatures and what is told of it; where not, none of these.

import { createHash, createVerify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { bytesToHex, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import {
  ALG_P256,
  ALG_P384,
  INS_GET_METADATA,
  INS_SELECT,
  P384_SIGNATURE_DER_BYTES,
  PIN_POLICY_NEVER,
  SLOT_CARD_AUTHENTICATION,
  SLOT_SIGNATURE,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_OK, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { authField, generateKey, signCommand, verifyPin } from "../../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../../test/firmware/test-token.ts";
import { publicKeyOf } from "../../test/support/ec-keys.ts";
import type { Hal } from "../hal.ts";

const HALF_ORDER = (BigInt("0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973") - 1n) / 2n;

function withKey(slot = SLOT_CARD_AUTHENTICATION): { token: TestToken; point: Uint8Array } {
  const token = new TestToken().initialise();
  return { token, point: token.makeKey(slot, { algorithm: ALG_P384, pin: PIN_POLICY_NEVER }) };
}

/** The algorithms in the property template. */
function advertised(token: TestToken): string {
  const template = parseTlvs(parseOneTlv(token.data({ ins: INS_SELECT, p1: 4, data: hexToBytes("a000000308"), le: 256 }), 0x61));
  return bytesToHex(findTlv(template, 0xac) ?? EMPTY_BYTES);
}

describe("a P-384 key", () => {
  test("has its point on the curve, tells what it is, and stays over a power-off", () => {
    const { token, point } = withKey(SLOT_SIGNATURE);
    expect(point).toHaveLength(97);
    expect(publicKeyOf(point).asymmetricKeyDetails).toEqual({ namedCurve: "secp384r1" });
    const told = `010114020201010301010463${"8661"}${bytesToHex(point)}`;
    for (const one of [token, token.reopened()]) {
      expect(bytesToHex(one.data({ ins: INS_GET_METADATA, p2: SLOT_SIGNATURE, le: 256 }))).toBe(told);
    }
  });

  test("takes the place of a P-256 key and gives it back", () => {
    const { token } = withKey(SLOT_SIGNATURE);
    token.makeKey(SLOT_SIGNATURE, { algorithm: ALG_P256 });
    expect(token.token.card.keys.info(SLOT_SIGNATURE)?.algorithm).toBe(ALG_P256);
    expect(token.token.card.keys.erased(SLOT_SIGNATURE)?.algorithm).toBe(ALG_P384);
    token.makeKey(SLOT_SIGNATURE, { algorithm: ALG_P384 });
    token.data(verifyPin(PIN));
    expect(token.sw(signCommand(SLOT_SIGNATURE, new Uint8Array(48).fill(1), ALG_P384))).toBe(SW_OK);
  });
});

describe("a P-384 signature", () => {
  test("verifies with OpenSSL, and always has 102 bytes of DER and a low s", () => {
    const { token, point } = withKey();
    const key = publicKeyOf(point);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (message) => {
        const digest = new Uint8Array(createHash("sha384").update(message).digest());
        const signature = authField(token.data(signCommand(SLOT_CARD_AUTHENTICATION, digest, ALG_P384)), TAG_RESPONSE);
        expect(signature).toHaveLength(P384_SIGNATURE_DER_BYTES);
        expect(createVerify("sha384").update(message).verify(key, signature)).toBe(true);
        expect(BigInt(`0x${bytesToHex(signature.subarray(-48))}`) <= HALF_ORDER).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test("is made of a SHA-256 digest too, as if padded with zeros on the left", () => {
    const { token, point } = withKey();
    const digest = new Uint8Array(createHash("sha256").update("a document").digest());
    const signature = authField(token.data(signCommand(SLOT_CARD_AUTHENTICATION, digest, ALG_P384)), TAG_RESPONSE);
    expect(createVerify("sha256").update("a document").verify(publicKeyOf(point), signature)).toBe(true);
  });

  test.each([
    ["a digest of 49 bytes", 49, ALG_P384, SW_WRONG_DATA],
    ["no digest", 0, ALG_P384, SW_WRONG_DATA],
    ["the other curve's algorithm", 32, ALG_P256, SW_INCORRECT_P1_P2],
    ["no algorithm", 48, 0, SW_INCORRECT_P1_P2],
  ])("is refused for %s", (_what, lengthBytes, algorithm, sw) => {
    const { token } = withKey();
    const command = signCommand(SLOT_CARD_AUTHENTICATION, new Uint8Array(lengthBytes).fill(1), algorithm);
    expect(token.imagesDuring(() => expect(token.sw(command)).toBe(sw))).toEqual([]);
    expect([token.signatures, token.token.card.log.counter()]).toEqual([0, 0]);
  });
});

describe("on a board without P-384", () => {
  const without = (hal: Hal): Hal => ({ ...hal, crypto: { ...hal.crypto, p384: null } });
  const token = (): TestToken => new TestToken({ changeHal: without }).initialise().authenticate();

  test("a key of it is refused, and nothing written", () => {
    const one = token();
    const images = one.imagesDuring(() => expect(one.sw(generateKey(SLOT_SIGNATURE, { algorithm: ALG_P384 }))).toBe(SW_WRONG_DATA));
    expect(images).toEqual([]);
    expect(one.sw(generateKey(SLOT_SIGNATURE))).toBe(SW_OK);
  });

  test("SELECT does not advertise it, and does elsewhere", () => {
    expect(advertised(token())).toBe("800111060100");
    expect(advertised(new TestToken())).toBe("800111800114060100");
  });

  test("GENERAL AUTHENTICATE does not know it", () => {
    const one = token();
    one.makeKey(SLOT_CARD_AUTHENTICATION);
    expect(one.sw(signCommand(SLOT_CARD_AUTHENTICATION, new Uint8Array(48), ALG_P384))).toBe(SW_INCORRECT_P1_P2);
  });
});

// ECDH through the card: GENERAL AUTHENTICATE in 9D with the points of Wycheproof. The keys are made inside, so that the answer to a valid
// point is compared with OpenSSL's, for the key that the flash holds; the vectors' own shared secrets are for the provider (simulator/noble-crypto.test.ts).

import { createECDH, createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeTlv, parseOneTlv } from "../protocol/ber-tlv.ts";
import { bytesToHex, EMPTY_BYTES, hexToBytes } from "../protocol/bytes.ts";
import {
  ALG_P256,
  ALG_P384,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  SLOT_KEY_MANAGEMENT,
  TAG_ALGORITHM,
  TAG_DYNAMIC_AUTH,
  TAG_EXPONENTIATION,
  TAG_KEY_TEMPLATE,
  TAG_RESPONSE,
} from "../protocol/piv.ts";
import { SW_WRONG_DATA } from "../protocol/status-words.ts";
import p256Vectors from "../protocol/vectors/ecdh-p256.json" with { type: "json" };
import p384Vectors from "../protocol/vectors/ecdh-p384.json" with { type: "json" };
import type { FlashImage } from "../simulator/modelled-flash.ts";
import { authField, type CommandParts, verifyPin } from "../test/firmware/card-commands.ts";
import { PIN, TestToken } from "../test/firmware/test-token.ts";
import type { Curve, Hal } from "./hal.ts";

/** Of the bytes and of how often each word was written: a million bytes, too slow to compare one by one. */
const fingerprint = (image: FlashImage): string => createHash("sha256").update(image.bytes).update(image.writes).digest("hex");

describe.each([
  ["P-256", ALG_P256, p256Vectors, "prime256v1"],
  ["P-384", ALG_P384, p384Vectors, "secp384r1"],
] as const)("GENERAL AUTHENTICATE in 9D, %s", (_name, algorithm, vectors, openSslName) => {
  let agreements = 0;
  const counting = (curve: Curve): Curve => ({
    ...curve,
    sharedSecret: (key, point) => {
      agreements++;
      return curve.sharedSecret(key, point);
    },
  });
  const changeHal = (hal: Hal): Hal => {
    const { p256, p384 } = hal.crypto;
    return { ...hal, crypto: { ...hal.crypto, p256: counting(p256), p384: p384 && counting(p384) } };
  };
  const token = new TestToken({ changeHal }).initialise().authenticate();
  const template = encodeTlv(TAG_KEY_TEMPLATE, [encodeTlv(TAG_ALGORITHM, [new Uint8Array([algorithm])])]);
  token.data({ ins: INS_GENERATE_KEY_PAIR, p2: SLOT_KEY_MANAGEMENT, data: template, le: 256 });
  token.data(verifyPin(PIN));

  const agree = (point: string): CommandParts => ({
    ins: INS_GENERAL_AUTHENTICATE,
    p1: algorithm,
    p2: SLOT_KEY_MANAGEMENT,
    data: encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_RESPONSE, [EMPTY_BYTES]), encodeTlv(TAG_EXPONENTIATION, [hexToBytes(point)])]),
    le: 256,
  });

  test.each(vectors.valid)("agrees with OpenSSL on the point of Wycheproof tcId $tcId: $what", ({ public: point }) => {
    const ecdh = createECDH(openSslName);
    ecdh.setPrivateKey(token.privateKey(SLOT_KEY_MANAGEMENT));
    expect(bytesToHex(authField(token.data(agree(point)), TAG_RESPONSE))).toBe(ecdh.computeSecret(point, "hex", "hex"));
  });

  test.each(vectors.refused.cases)("answers 6A80, uses no key and writes nothing: $what", ({ public: point }) => {
    const before = { agreements, flash: fingerprint(token.image) };
    const { sw, data } = token.send(agree(point));
    expect(sw).toBe(SW_WRONG_DATA);
    expect(data).toHaveLength(0);
    expect({ agreements, flash: fingerprint(token.image) }).toEqual(before);
  });

  test("still agrees after all of them", () => {
    const point = vectors.valid[0]?.public ?? "";
    const answer = parseOneTlv(token.data(agree(point)), TAG_DYNAMIC_AUTH);
    expect(answer).toHaveLength(2 + (point.length / 2 - 1) / 2);
    expect(agreements).toBeGreaterThan(0);
  });
});

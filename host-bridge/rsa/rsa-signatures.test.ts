// EMSA-PKCS1-v1_5 and EMSA-PSS: node:crypto verifies what is encoded here, and Project Wycheproof's forgeries are refused.

import { constants, createHash, createPublicKey, generateKeyPairSync, type KeyObject, privateEncrypt, sign, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hexToBytes } from "../../protocol/bytes.ts";
import wycheproof from "../../protocol/vectors/rsa.json" with { type: "json" };
import { pkcs1Padding } from "./emsa-pkcs1.ts";
import { pssPadding } from "./emsa-pss.ts";
import { DIGEST_LENGTHS, type RsaDigest } from "./rsa-digests.ts";
import type { RsaPadding } from "./rsa-padding.ts";
import { applyPublicKey, modulusBits, type RsaPublicKey, rsaPublicKey } from "./rsa-public-key.ts";

const DIGESTS = Object.keys(DIGEST_LENGTHS) as RsaDigest[];
const PSS = constants.RSA_PKCS1_PSS_PADDING;
/** 1,025 bits: the encoded message of PSS is a byte shorter than the modulus. */
const KEYS = [1024, 1025, 1031, 2048].map((modulusLength) => generateKeyPairSync("rsa", { modulusLength }));

const numbersOf = (key: KeyObject): RsaPublicKey => {
  const { n = "", e = "" } = key.export({ format: "jwk" });
  const found = rsaPublicKey(Buffer.from(n, "base64url"), Buffer.from(e, "base64url"));
  if (found === null) throw new Error("no key");
  return found;
};
const digestOf = (digest: RsaDigest, message: Uint8Array): Uint8Array => createHash(digest).update(message).digest();
const raw = (privateKey: KeyObject, block: Uint8Array): Uint8Array =>
  privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block);

function isSigned(publicKey: KeyObject, padding: RsaPadding, value: Uint8Array, signature: Uint8Array): boolean {
  const key = numbersOf(publicKey);
  const block = applyPublicKey(key, signature);
  return block !== null && padding.isEncoded(block, value, modulusBits(key));
}

const message = fc.uint8Array({ maxLength: 64 });
const keys = fc.constantFrom(...KEYS);
const digests = fc.constantFrom(...DIGESTS);

describe("PKCS#1 v1.5", () => {
  test("what is encoded here node verifies, and what node signs is known here, byte for byte", () => {
    fc.assert(
      fc.property(keys, digests, message, ({ privateKey, publicKey }, digest, data) => {
        const signature = raw(privateKey, pkcs1Padding(digest).encode(digestOf(digest, data), modulusBits(numbersOf(publicKey))));
        expect(Buffer.from(signature)).toEqual(sign(digest, data, privateKey));
        expect(isSigned(publicKey, pkcs1Padding(digest), digestOf(digest, data), signature)).toBe(true);
        expect(isSigned(publicKey, pkcs1Padding(digest), digestOf(digest, Uint8Array.of(...data, 1)), signature)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test("data of the caller's own are up to eleven bytes shorter than the modulus", () => {
    const padding = pkcs1Padding(null);
    expect([0, 117, 118].map((length) => padding.takes(length, 1024))).toEqual([true, true, false]);
    expect(padding.encode(new Uint8Array(117).fill(7), 1024).subarray(0, 12)).toEqual(hexToBytes("0001ffffffffffffffff0007"));
  });

  test.each(wycheproof.pkcs1Signature.tests)("Wycheproof $tcId: $what", ({ isValid, msg, sig }) => {
    const key = createPublicKey({ key: Buffer.from(hexToBytes(wycheproof.pkcs1Signature.publicKey)), format: "der", type: "spki" });
    expect(isSigned(key, pkcs1Padding("sha256"), digestOf("sha256", hexToBytes(msg)), hexToBytes(sig))).toBe(isValid);
  });
});

describe("PSS", () => {
  const saltBytes = fc.integer({ min: 0, max: 40 });

  test("what is encoded here node verifies, and the other way round", () => {
    fc.assert(
      fc.property(keys, digests, saltBytes, message, ({ privateKey, publicKey }, digest, saltLength, data) => {
        const padding = pssPadding({ digest, saltBytes: saltLength });
        const bits = modulusBits(numbersOf(publicKey));
        fc.pre(padding.takes(DIGEST_LENGTHS[digest], bits));
        const value = digestOf(digest, data);
        const made = raw(privateKey, padding.encode(value, bits));
        expect(verify(digest, data, { key: publicKey, padding: PSS, saltLength }, made)).toBe(true);
        const nodes = sign(digest, data, { key: privateKey, padding: PSS, saltLength });
        expect(isSigned(publicKey, padding, value, nodes)).toBe(true);
        const other = pssPadding({ digest, saltBytes: saltLength + 1 });
        expect(other.takes(value.length, bits) && isSigned(publicKey, other, value, nodes)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test.each([1024, 1025, 1031])("no changed bit of an encoding for %i bits is taken for one", (bits) => {
    const padding = pssPadding({ digest: "sha256", saltBytes: 32 });
    const value = digestOf("sha256", Uint8Array.of(1));
    const block = padding.encode(value, bits);
    expect(padding.isEncoded(block, value, bits)).toBe(true);
    for (let bit = 0; bit < 8 * block.length; bit++) {
      const changed = block.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(padding.isEncoded(changed, value, bits), `bit ${bit}`).toBe(false);
    }
  });

  test("a key may be too short for digest and salt", () => {
    expect([62, 63].map((salt) => pssPadding({ digest: "sha512", saltBytes: salt }).takes(64, 1024))).toEqual([true, false]);
  });

  test.each(wycheproof.pss.tests)("Wycheproof $tcId: $what", ({ isValid, msg, sig }) => {
    const key = createPublicKey({ key: Buffer.from(hexToBytes(wycheproof.pss.publicKey)), format: "der", type: "spki" });
    const padding = pssPadding({ digest: "sha256", saltBytes: 32 });
    expect(isSigned(key, padding, digestOf("sha256", hexToBytes(msg)), hexToBytes(sig))).toBe(isValid);
  });
});

describe("a public key", () => {
  const odd = (bits: number): Uint8Array => new Uint8Array(bits / 8).fill(0xff);

  test("is told with leading zeros or without", () => {
    expect(rsaPublicKey(Uint8Array.of(0, ...odd(2048)), Uint8Array.of(0, 1, 0, 1))).toEqual({
      modulus: odd(2048),
      publicExponent: Uint8Array.of(1, 0, 1),
    });
  });

  test.each<[string, Uint8Array, Uint8Array]>([
    ["a modulus of 1,016 bits", odd(1016), Uint8Array.of(3)],
    ["a modulus of 4,104 bits", odd(4104), Uint8Array.of(3)],
    ["no modulus", new Uint8Array(0), Uint8Array.of(3)],
    ["an even modulus", odd(2048).with(255, 2), Uint8Array.of(3)],
    ["the exponent 1", odd(2048), Uint8Array.of(1)],
    ["an even exponent", odd(2048), Uint8Array.of(1, 0, 0)],
    ["an exponent without end", odd(2048), odd(128)],
  ])("is none: %s", (_, modulus, exponent) => {
    expect(rsaPublicKey(modulus, exponent)).toBeNull();
  });
});

// EME-PKCS1-v1_5 with implicit rejection, and EME-OAEP: node:crypto encrypts, Project Wycheproof has what must not be taken for a message.

import { constants, createPrivateKey, generateKeyPairSync, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hexToBytes } from "../../protocol/bytes.ts";
import wycheproof from "../../protocol/vectors/rsa.json" with { type: "json" };
import { decodeEmeOaep, longestOaepMessage } from "./eme-oaep.ts";
import { decodeEmePkcs1, LEAST_FILL_BYTES } from "./eme-pkcs1.ts";
import { DIGEST_LENGTHS, type RsaDigest } from "./rsa-digests.ts";

const SECRET = randomBytes(32);
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1536 });
const BLOCK_BYTES = 192;

const raw = (key: KeyObject, ciphertext: Uint8Array): Uint8Array =>
  new Uint8Array(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext));
const keyOf = ({ privateKey: der }: { readonly privateKey: string }): KeyObject =>
  createPrivateKey({ key: Buffer.from(hexToBytes(der)), format: "der", type: "pkcs8" });

describe("PKCS#1 v1.5", () => {
  test("what node encrypts is decoded", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: BLOCK_BYTES - LEAST_FILL_BYTES }), (message) => {
        const ciphertext = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, message);
        expect(decodeEmePkcs1(raw(privateKey, ciphertext), ciphertext, SECRET)).toEqual(message);
      }),
      { numRuns: 50 },
    );
  });

  test("what is no encoding gives a message, always the same for the same ciphertext, another for another, and another with another secret", () => {
    const lengths = new Set<number>();
    const seen = new Set<string>();
    for (let round = 0; round < 200; round++) {
      const block = new Uint8Array(randomBytes(BLOCK_BYTES)).with(0, 0).with(1, 1);
      const ciphertext = randomBytes(BLOCK_BYTES);
      const message = decodeEmePkcs1(block, ciphertext, SECRET);
      expect(message.length).toBeLessThanOrEqual(BLOCK_BYTES - LEAST_FILL_BYTES);
      expect(decodeEmePkcs1(new Uint8Array(BLOCK_BYTES).fill(9), ciphertext, SECRET)).toEqual(message); // nothing of the block is in it
      lengths.add(message.length);
      if (message.length > 8) seen.add(Buffer.from(message).toString("hex"));
      if (message.length > 8) expect(decodeEmePkcs1(block, ciphertext, randomBytes(32))).not.toEqual(message);
    }
    expect(lengths.size).toBeGreaterThan(60); // of 182
    expect(seen.size).toBeGreaterThan(150);
  });

  test.each<[string, (block: Uint8Array) => Uint8Array]>([
    ["a first byte that is not 00", (block) => block.with(0, 1)],
    ["a second byte that is not 02", (block) => block.with(1, 1)],
    ["seven bytes of fill", (block) => block.with(9, 0)],
    ["no zero behind the fill", (block) => block.map((byte, index) => (index < 2 ? byte : byte || 1))],
  ])("%s is no encoding, and eight bytes of fill are one", (_, spoil) => {
    const block = new Uint8Array(BLOCK_BYTES).fill(5).with(0, 0).with(1, 2).with(10, 0);
    const ciphertext = Uint8Array.of(1, 2, 3);
    expect(decodeEmePkcs1(block, ciphertext, SECRET)).toEqual(new Uint8Array(BLOCK_BYTES - LEAST_FILL_BYTES).fill(5));
    const standIn = decodeEmePkcs1(new Uint8Array(BLOCK_BYTES), ciphertext, SECRET);
    expect(decodeEmePkcs1(spoil(block), ciphertext, SECRET)).toEqual(standIn);
  });

  test.each(wycheproof.pkcs1Decryption.tests)("Wycheproof $tcId: $what", ({ isValid, msg, ct }) => {
    const ciphertext = hexToBytes(ct);
    const block = raw(keyOf(wycheproof.pkcs1Decryption), ciphertext);
    const standIn = decodeEmePkcs1(new Uint8Array(block.length), ciphertext, SECRET);
    expect(decodeEmePkcs1(block, ciphertext, SECRET)).toEqual(isValid ? hexToBytes(msg) : standIn);
  });
});

describe("OAEP", () => {
  test("what node encrypts is decoded, and with no other label", () => {
    const digests = fc.constantFrom(...(Object.keys(DIGEST_LENGTHS) as RsaDigest[]));
    fc.assert(
      fc.property(digests, fc.uint8Array({ maxLength: 62 }), fc.uint8Array({ maxLength: 10 }), (digest, message, label) => {
        fc.pre(message.length <= longestOaepMessage({ digest, label }, BLOCK_BYTES));
        const ciphertext = publicEncrypt({ key: publicKey, oaepHash: digest, oaepLabel: label }, message);
        const block = raw(privateKey, ciphertext);
        expect(decodeEmeOaep({ digest, label }, block)).toEqual(message);
        expect(decodeEmeOaep({ digest, label: Uint8Array.of(...label, 1) }, block)).toBeNull();
        expect(decodeEmeOaep({ digest, label }, block.with(0, 1))).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  test.each(wycheproof.oaep.tests)("Wycheproof $tcId: $what", ({ isValid, msg, ct, label = "" }) => {
    const block = raw(keyOf(wycheproof.oaep), hexToBytes(ct));
    expect(decodeEmeOaep({ digest: "sha256", label: hexToBytes(label) }, block)).toEqual(isValid ? hexToBytes(msg) : null);
  });
});

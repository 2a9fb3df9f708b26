// The simulator's arithmetic against published vectors. SHA-384 and HMAC are no part of the HAL: noble uses them inside the nonces of RFC 6979
// (full-length-ecdsa.test.ts), so noble's own are tested.

import { createECDH } from "node:crypto";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384 } from "@noble/hashes/sha2.js";
import type { CHash } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import type { Curve } from "../firmware/hal.ts";
import { bytesToHex, hexToBytes } from "../protocol/bytes.ts";
import aes from "../protocol/vectors/aes.json" with { type: "json" };
import ecdhP256 from "../protocol/vectors/ecdh-p256.json" with { type: "json" };
import ecdhP384 from "../protocol/vectors/ecdh-p384.json" with { type: "json" };
import hmacVectors from "../protocol/vectors/hmac.json" with { type: "json" };
import sha2 from "../protocol/vectors/sha2.json" with { type: "json" };
import { nobleCrypto } from "./noble-crypto.ts";

const AES_BLOCK_BYTES = 16;
const nobleHash = (name: string): CHash => (name === "SHA-256" ? sha256 : sha384);

describe("SHA-2, NIST CAVP", () => {
  test.each(sha2.cases.filter(({ hash }) => hash === "SHA-256"))("OpenSSL's SHA-256, $what", ({ message, digest }) => {
    expect(bytesToHex(nobleCrypto.sha256(hexToBytes(message)))).toBe(digest);
  });

  test.each(sha2.cases)("noble's $hash, $what", ({ hash, message, digest }) => {
    expect(bytesToHex(nobleHash(hash)(hexToBytes(message)))).toBe(digest);
  });

  test("OpenSSL's SHA-256, Monte Carlo", () => {
    const expected = new Map(sha2.monteCarlo.cases.map(({ count, digest }) => [count, digest]));
    let seed = hexToBytes(sha2.monteCarlo.seed);
    const reached: [number, string][] = [];
    for (let count = 0; count < 100; count++) {
      let digests = [seed, seed, seed];
      for (let i = 0; i < 1000; i++) digests = [...digests.slice(1), nobleCrypto.sha256(Buffer.concat(digests))];
      seed = digests[2] as Uint8Array;
      if (expected.has(count)) reached.push([count, bytesToHex(seed)]);
    }
    expect(reached).toEqual([...expected]);
  });
});

describe("HMAC, NIST CAVP and RFC 4231", () => {
  test.each(hmacVectors.cases)("noble's HMAC-$hash, $what", ({ hash, key, message, tag }) => {
    const full = bytesToHex(hmac(nobleHash(hash), hexToBytes(key), hexToBytes(message)));
    expect(full).toHaveLength(hash === "SHA-256" ? 64 : 96);
    expect(full.slice(0, tag.length)).toBe(tag);
  });
});

describe("AES, NIST CAVP", () => {
  test.each(aes.cases)("$what", ({ key, plaintext, ciphertext }) => {
    const plain = hexToBytes(plaintext);
    const blocks: Uint8Array[] = [];
    for (let at = 0; at < plain.length; at += AES_BLOCK_BYTES) {
      blocks.push(nobleCrypto.aesEncryptBlock(hexToBytes(key), plain.subarray(at, at + AES_BLOCK_BYTES)));
    }
    expect(bytesToHex(Buffer.concat(blocks))).toBe(ciphertext);
  });
});

describe.each([
  ["P-256", nobleCrypto.p256, ecdhP256, "prime256v1", 65],
  ["P-384", nobleCrypto.p384 as Curve, ecdhP384, "secp384r1", 97],
] as const)("ECDH on %s", (_name, curve, vectors, openSslName, pointBytes) => {
  /** The shared secret by OpenSSL; throws when the point is not on the curve. */
  const openSsl = (key: Uint8Array, point: Uint8Array): Uint8Array => {
    const ecdh = createECDH(openSslName);
    ecdh.setPrivateKey(key);
    return ecdh.computeSecret(point);
  };

  test.each(vectors.valid)("Wycheproof tcId $tcId: $what", ({ private: key, public: point, shared }) => {
    expect(curve.isPoint(hexToBytes(point))).toBe(true);
    expect(bytesToHex(curve.sharedSecret(hexToBytes(key), hexToBytes(point)))).toBe(shared);
    expect(bytesToHex(openSsl(hexToBytes(key), hexToBytes(point)))).toBe(shared);
  });

  test.each(vectors.refused.cases)("no point: $what", ({ public: point }) => {
    expect(curve.isPoint(hexToBytes(point))).toBe(false);
  });

  test("OpenSSL refuses the same of the uncompressed form", () => {
    const key = new Uint8Array((pointBytes - 1) / 2).fill(1);
    const uncompressed = vectors.refused.cases.filter(({ public: point }) => point.startsWith("04") && point.length === 2 * pointBytes);
    expect(uncompressed.length).toBeGreaterThan(16);
    for (const { what, public: point } of uncompressed) {
      expect(() => openSsl(key, hexToBytes(point)), what).toThrow("Public key is not valid for specified curve");
    }
  });
});

import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToHex, hexToBytes } from "../protocol/bytes.ts";
import { ALG_P384 } from "../protocol/piv.ts";
import p256Vectors from "../protocol/vectors/ecdsa-p256.json" with { type: "json" };
import vectors from "../protocol/vectors/ecdsa-p384.json" with { type: "json" };
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import {
  INDEPENDENT_P256,
  INDEPENDENT_P384,
  independentAttempt,
  type Signature,
  toBigInt,
  toBytes,
} from "../test/firmware/independent-ecdsa.ts";
import { signEcdsa } from "./ecdsa-signature.ts";
import type { Curve } from "./hal.ts";
import { type KeyAlgorithm, keyAlgorithm } from "./key-algorithm.ts";

const P384 = keyAlgorithm(nobleCrypto, ALG_P384) as KeyAlgorithm;
const ORDER = INDEPENDENT_P384.order;
const LEAST = 2n ** 375n;
const PAST_GREATEST_R = 2n ** 383n;

const p384With = (changes: Partial<Curve>): KeyAlgorithm => ({ ...P384, curve: { ...P384.curve, ...changes } });
const sha384 = (message: string | Uint8Array): Uint8Array => createHash("sha384").update(message).digest();
const nodeName = (hash: string): string => hash.replace("-", "").toLowerCase();
const raw = ({ r, s }: Signature): string => bytesToHex(toBytes(r, 48)) + bytesToHex(toBytes(s, 48));

/** r and s (or n − s, when smaller) inside the bounds of the token's signatures. */
function isAccepted(r: bigint, s: bigint): boolean {
  return r >= LEAST && r < PAST_GREATEST_R && s >= LEAST;
}

function independentSignature(key: Uint8Array, digest: Uint8Array): { attempt: number; der: string } {
  const padded = new Uint8Array(48);
  padded.set(digest, 48 - digest.length);
  for (let attempt = 0; ; attempt++) {
    const { r, s } = independentAttempt(INDEPENDENT_P384, "sha384", key, padded, attempt);
    const low = s * 2n > ORDER ? ORDER - s : s;
    if (isAccepted(r, low)) return { attempt, der: `30640230${bytesToHex(toBytes(r, 48))}0230${bytesToHex(toBytes(low, 48))}` };
  }
}

function splitDer(der: Uint8Array): Signature {
  expect(der).toHaveLength(102);
  expect(bytesToHex(der.subarray(0, 4))).toBe("30640230");
  expect(bytesToHex(der.subarray(52, 54))).toBe("0230");
  return { r: toBigInt(der.subarray(4, 52)), s: toBigInt(der.subarray(54)) };
}

/** SubjectPublicKeyInfo of a P-384 point (RFC 5480), as OpenSSL takes it. */
function publicKeyOf(point: Uint8Array): KeyObject {
  const head = Buffer.from("3076301006072a8648ce3d020106052b81040022036200", "hex");
  return createPublicKey({ key: Buffer.concat([head, point]), format: "der", type: "spki" });
}

const anyKey = fc.bigInt({ min: 1n, max: ORDER - 1n }).map((key) => toBytes(key, 48));
const anyDigest = fc.uint8Array({ minLength: 48, maxLength: 48 });

describe("the independent code is RFC 6979, whatever the hash", () => {
  const p256 = p256Vectors.otherHashes.vectors.map((vector) => ({ ...vector, curve: INDEPENDENT_P256, key: p256Vectors.rfc6979.key }));
  const p384 = vectors.otherHashes.vectors.map((vector) => ({ ...vector, curve: INDEPENDENT_P384, key: vectors.rfc6979.key }));
  test.each([...p256, ...p384])("$curve.openSslName with $hash, message $message", ({ curve, key, hash, message, r, s }) => {
    const digest = createHash(nodeName(hash)).update(message).digest();
    const signature = independentAttempt(curve, nodeName(hash), hexToBytes(key), digest, 0);
    expect(signature).toEqual({ r: BigInt(`0x${r}`), s: BigInt(`0x${s}`) });
  });
});

describe("signAttempt 0 of P-384 is RFC 6979 as it stands", () => {
  const { key, publicKey } = vectors.rfc6979;
  test("the public key of A.2.6", () => {
    expect(bytesToHex(P384.curve.publicKey(hexToBytes(key)))).toBe(publicKey);
  });

  test.each(vectors.rfc6979.vectors)("A.2.6, message $message", ({ message, r, s }) => {
    const digest = sha384(message);
    expect(bytesToHex(P384.curve.signAttempt(hexToBytes(key), digest, 0))).toBe(r + s);
    expect(raw(independentAttempt(INDEPENDENT_P384, "sha384", hexToBytes(key), digest, 0))).toBe(r + s);
  });
});

test("signAttempt i of P-384 adds i as 32 bytes little-endian, for any key, digest and attempt", () => {
  fc.assert(
    fc.property(anyKey, anyDigest, fc.integer({ min: 0, max: 0x1ffff }), (key, digest, attempt) => {
      const independent = independentAttempt(INDEPENDENT_P384, "sha384", key, digest, attempt);
      expect(bytesToHex(P384.curve.signAttempt(key, digest, attempt))).toBe(raw(independent));
    }),
    { numRuns: 30 },
  );
});

describe("the accepted signature of P-384", () => {
  test.each(vectors.accepted.vectors)("$what", ({ key, digest, attempt, der }) => {
    const attempts: number[] = [];
    const signAttempt: Curve["signAttempt"] = (k, d, i) => {
      attempts.push(i);
      return P384.curve.signAttempt(k, d, i);
    };
    expect(bytesToHex(signEcdsa(p384With({ signAttempt }), hexToBytes(key), hexToBytes(digest)))).toBe(der);
    expect(attempts).toEqual(Array.from({ length: attempt + 1 }, (_, i) => i));
    expect(independentSignature(hexToBytes(key), hexToBytes(digest))).toEqual({ attempt, der });
  });

  test("has 102 bytes and low s, both INTEGERs full, and OpenSSL verifies it, for any key and digest", () => {
    fc.assert(
      fc.property(anyKey, fc.uint8Array({ minLength: 0, maxLength: 200 }), (key, message) => {
        const der = signEcdsa(P384, key, sha384(message));
        const { r, s } = splitDer(der);
        expect(isAccepted(r, s)).toBe(true);
        expect(s * 2n).toBeLessThan(ORDER);
        expect(verify("sha384", message, publicKeyOf(P384.curve.publicKey(key)), der)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the bounds of P-384", () => {
  const IN = 2n ** 380n;
  const KEY = new Uint8Array(48).fill(1);
  const signed = (r: bigint, s: bigint): Signature => {
    const signAttempt = (_key: Uint8Array, _digest: Uint8Array, i: number): Uint8Array =>
      new Uint8Array([...toBytes(i === 0 ? r : IN, 48), ...toBytes(i === 0 ? s : IN, 48)]);
    return splitDer(signEcdsa(p384With({ signAttempt }), KEY, new Uint8Array(48)));
  };

  test.each([
    ["the least r", LEAST, IN, IN],
    ["the greatest r", PAST_GREATEST_R - 1n, IN, IN],
    ["the least s", IN, LEAST, LEAST],
    ["the greatest s", IN, ORDER - LEAST, LEAST],
    ["the greatest low s", IN, (ORDER - 1n) / 2n, (ORDER - 1n) / 2n],
    ["the least high s", IN, (ORDER + 1n) / 2n, (ORDER - 1n) / 2n],
  ])("take %s", (_what, r, s, low) => {
    expect(signed(r, s)).toEqual({ r, s: low });
  });

  test.each([
    ["r one below the least", LEAST - 1n, IN],
    ["r one above the greatest", PAST_GREATEST_R, IN],
    ["the greatest possible r", ORDER - 1n, IN],
    ["the smallest possible r", 1n, IN],
    ["s one below the least", IN, LEAST - 1n],
    ["a high s whose low form is below the least", IN, ORDER - LEAST + 1n],
    ["the greatest possible s", IN, ORDER - 1n],
  ])("refuse %s and take the next attempt", (_what, r, s) => {
    expect(signed(r, s)).toEqual({ r: IN, s: IN });
  });
});

import { createECDH, createHash, createHmac, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToHex, hexToBytes } from "../protocol/bytes.ts";
import { ALG_P256, P256_SIGNATURE_DER_BYTES } from "../protocol/piv.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import vectors from "../protocol/vectors/ecdsa-p256.json" with { type: "json" };
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { publicKeyOf } from "../test/firmware/test-token.ts";
import { signEcdsa } from "./ecdsa-signature.ts";
import type { Curve } from "./hal.ts";
import { type KeyAlgorithm, keyAlgorithm } from "./key-algorithm.ts";

const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const LEAST = 2n ** 247n;
const PAST_GREATEST_R = 2n ** 255n;

const P256 = keyAlgorithm(nobleCrypto, ALG_P256) as KeyAlgorithm;
const p256With = (changes: Partial<Curve>): KeyAlgorithm => ({ ...P256, curve: { ...P256.curve, ...changes } });

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${bytesToHex(bytes)}`);
const toBytes = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(64, "0"));

/** r and s (or n − s, when smaller) inside the bounds of the token's signatures. */
function isAccepted(r: bigint, s: bigint): boolean {
  return r >= LEAST && r < PAST_GREATEST_R && s >= LEAST;
}

function inverse(value: bigint): bigint {
  let [a, b, x, y] = [value, ORDER, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % ORDER) + ORDER) % ORDER;
}

/** RFC 6979 §3.2 and §3.6 over node:crypto's HMAC: shares no code with noble. */
function* nonces(key: bigint, digest: Uint8Array, additional: Uint8Array): Generator<bigint> {
  const hmac = (k: Uint8Array, ...parts: Uint8Array[]): Uint8Array => createHmac("sha256", k).update(Buffer.concat(parts)).digest();
  const seed = Buffer.concat([toBytes(key), toBytes(toBigInt(digest) % ORDER), additional]);
  let k: Uint8Array = new Uint8Array(32);
  let v: Uint8Array = new Uint8Array(32).fill(1);
  for (const separator of [0, 1]) {
    k = hmac(k, v, new Uint8Array([separator]), seed);
    v = hmac(k, v);
  }
  for (;;) {
    v = hmac(k, v);
    const nonce = toBigInt(v);
    if (nonce > 0n && nonce < ORDER) yield nonce;
    k = hmac(k, v, new Uint8Array([0]));
    v = hmac(k, v);
  }
}

function independentAttempt(keyBytes: Uint8Array, digest: Uint8Array, attempt: number): { r: bigint; s: bigint } {
  const key = toBigInt(keyBytes);
  const additional = attempt === 0 ? new Uint8Array(0) : toBytes(BigInt(attempt)).reverse();
  for (const nonce of nonces(key, digest, additional)) {
    const point = createECDH("prime256v1");
    point.setPrivateKey(toBytes(nonce));
    const r = toBigInt(point.getPublicKey().subarray(1, 33)) % ORDER;
    const s = (inverse(nonce) * (toBigInt(digest) + r * key)) % ORDER;
    if (r !== 0n && s !== 0n) return { r, s };
  }
  throw new Error("unreachable");
}

function independentSignature(key: Uint8Array, digest: Uint8Array): { attempt: number; der: string } {
  const padded = new Uint8Array(32);
  padded.set(digest, 32 - digest.length);
  for (let attempt = 0; ; attempt++) {
    const { r, s } = independentAttempt(key, padded, attempt);
    const low = s * 2n > ORDER ? ORDER - s : s;
    if (isAccepted(r, low)) return { attempt, der: `30440220${bytesToHex(toBytes(r))}0220${bytesToHex(toBytes(low))}` };
  }
}

function splitDer(der: Uint8Array): { r: bigint; s: bigint } {
  expect(der).toHaveLength(P256_SIGNATURE_DER_BYTES);
  expect(bytesToHex(der.subarray(0, 4))).toBe("30440220");
  expect(bytesToHex(der.subarray(36, 38))).toBe("0220");
  return { r: toBigInt(der.subarray(4, 36)), s: toBigInt(der.subarray(38)) };
}

/** Any private key of P-256. */
const anyKey = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(toBytes);
const anyDigest = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("signAttempt 0 is RFC 6979 as it stands", () => {
  const { key, publicKey } = vectors.rfc6979;
  test("the public key of A.2.5", () => {
    expect(bytesToHex(nobleCrypto.p256.publicKey(hexToBytes(key)))).toBe(publicKey);
  });

  test.each(vectors.rfc6979.vectors)("A.2.5, message $message", ({ message, r, s }) => {
    const digest = createHash("sha256").update(message).digest();
    expect(bytesToHex(nobleCrypto.p256.signAttempt(hexToBytes(key), digest, 0))).toBe(r + s);
    expect(independentAttempt(hexToBytes(key), digest, 0)).toEqual({ r: BigInt(`0x${r}`), s: BigInt(`0x${s}`) });
  });
});

test("signAttempt i adds i as 32 bytes little-endian, for any key, digest and attempt", () => {
  fc.assert(
    fc.property(anyKey, anyDigest, fc.integer({ min: 0, max: 0x1ffff }), (key, digest, attempt) => {
      const { r, s } = independentAttempt(key, digest, attempt);
      expect(bytesToHex(nobleCrypto.p256.signAttempt(key, digest, attempt))).toBe(bytesToHex(toBytes(r)) + bytesToHex(toBytes(s)));
    }),
    { numRuns: 50 },
  );
});

describe("the accepted signature", () => {
  test.each(vectors.accepted.vectors)("$what", ({ key, digest, attempt, der }) => {
    const attempts: number[] = [];
    const signAttempt: Curve["signAttempt"] = (k, d, i) => {
      attempts.push(i);
      return nobleCrypto.p256.signAttempt(k, d, i);
    };
    expect(bytesToHex(signEcdsa(p256With({ signAttempt }), hexToBytes(key), hexToBytes(digest)))).toBe(der);
    expect(attempts).toEqual(Array.from({ length: attempt + 1 }, (_, i) => i));
    expect(independentSignature(hexToBytes(key), hexToBytes(digest))).toEqual({ attempt, der });
  });

  test("has 70 bytes and low s, both INTEGERs full, and OpenSSL verifies it, for any key and digest", () => {
    fc.assert(
      fc.property(anyKey, fc.uint8Array({ minLength: 0, maxLength: 200 }), (key, message) => {
        const digest = createHash("sha256").update(message).digest();
        const der = signEcdsa(P256, key, digest);
        const { r, s } = splitDer(der);
        expect(isAccepted(r, s)).toBe(true);
        expect(s * 2n).toBeLessThan(ORDER);
        expect(verify("sha256", message, publicKeyOf(nobleCrypto.p256.publicKey(key)), der)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("of a shorter digest is that of the digest padded with zeros on the left", () => {
    fc.assert(
      fc.property(anyKey, fc.uint8Array({ minLength: 1, maxLength: 31 }), (key, digest) => {
        const padded = new Uint8Array(32);
        padded.set(digest, 32 - digest.length);
        expect(signEcdsa(P256, key, digest)).toEqual(signEcdsa(P256, key, padded));
      }),
      { numRuns: 20 },
    );
  });
});

describe("the bounds", () => {
  const IN = 2n ** 250n;
  const KEY = new Uint8Array(32).fill(1);
  const signed = (attempts: readonly (readonly [bigint, bigint])[]): Uint8Array => {
    const last: readonly [bigint, bigint] = [IN, IN];
    const signAttempt = (_key: Uint8Array, _digest: Uint8Array, i: number): Uint8Array => {
      const [r, s] = attempts[i] ?? last;
      return new Uint8Array([...toBytes(r), ...toBytes(s)]);
    };
    return signEcdsa(p256With({ signAttempt }), KEY, new Uint8Array(32));
  };

  test.each([
    ["the least r", LEAST, IN, IN],
    ["the greatest r", PAST_GREATEST_R - 1n, IN, IN],
    ["the least s", IN, LEAST, LEAST],
    ["the greatest s", IN, ORDER - LEAST, LEAST],
    ["the greatest low s", IN, (ORDER - 1n) / 2n, (ORDER - 1n) / 2n],
    ["the least high s", IN, (ORDER + 1n) / 2n, (ORDER - 1n) / 2n],
  ])("take %s", (_what, r, s, low) => {
    expect(splitDer(signed([[r, s]]))).toEqual({ r, s: low });
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
    expect(splitDer(signed([[r, s]]))).toEqual({ r: IN, s: IN });
  });

  test("a source of nonces that never fits ends in 6F00, not in an endless loop", () => {
    const never = Array.from({ length: 1000 }, (): readonly [bigint, bigint] => [1n, 1n]);
    expect(() => signed(never)).toThrow(expect.objectContaining({ sw: SW_INTERNAL_ERROR }));
  });
});

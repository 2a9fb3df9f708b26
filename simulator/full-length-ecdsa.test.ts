// Noble's attempts against RFC 6979 and code of our own, and which of them is taken: the first whose r and low s both fill their INTEGER.

import { createECDH, createHash } from "node:crypto";
import type { ECDSA } from "@noble/curves/abstract/weierstrass.js";
import { p256, p384 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Curve } from "../firmware/hal.ts";
import { bytesToHex, hexToBytes } from "../protocol/bytes.ts";
import p256Vectors from "../protocol/vectors/ecdsa-p256.json" with { type: "json" };
import p384Vectors from "../protocol/vectors/ecdsa-p384.json" with { type: "json" };
import {
  INDEPENDENT_P256,
  INDEPENDENT_P384,
  type IndependentCurve,
  independentAttempt,
  type Signature,
  toBigInt,
  toBytes,
} from "../test/firmware/independent-ecdsa.ts";
import { signFullLength } from "./full-length-ecdsa.ts";
import { nobleAttempt, nobleCrypto } from "./noble-crypto.ts";

interface CurveUnderTest {
  readonly name: string;
  readonly noble: ECDSA;
  readonly ofHal: Curve;
  readonly independent: IndependentCurve;
  /** The hash of its nonces. */
  readonly hash: string;
  readonly vectors: typeof p256Vectors;
  /** Where RFC 6979 has them. */
  readonly clause: string;
  /** SP 800-186 §3.2.1.3 and §3.2.1.4, which print it in decimal (as FIPS 186-4 D.1.2.3 and D.1.2.4 did). */
  readonly publishedOrder: string;
  /** Of r and of the low s. */
  readonly least: bigint;
  readonly pastGreatestR: bigint;
  readonly attemptRuns: number;
}

const CURVES: readonly CurveUnderTest[] = [
  {
    name: "P-256",
    noble: p256,
    ofHal: nobleCrypto.p256,
    independent: INDEPENDENT_P256,
    hash: "sha256",
    vectors: p256Vectors,
    clause: "A.2.5",
    publishedOrder: "115792089210356248762697446949407573529996955224135760342422259061068512044369",
    least: 2n ** 247n,
    pastGreatestR: 2n ** 255n,
    attemptRuns: 50,
  },
  {
    name: "P-384",
    noble: p384,
    ofHal: nobleCrypto.p384 as Curve,
    independent: INDEPENDENT_P384,
    hash: "sha384",
    vectors: p384Vectors,
    clause: "A.2.6",
    publishedOrder: "39402006196394479212279040100143613805079739270465446667946905279627659399113263569398956308152294913554433653942643",
    least: 2n ** 375n,
    pastGreatestR: 2n ** 383n,
    attemptRuns: 30,
  },
];

describe("the independent code is RFC 6979, whatever the hash", () => {
  const vectors = CURVES.flatMap(({ name, independent, vectors: { otherHashes, rfc6979 } }) =>
    otherHashes.vectors.map((vector) => ({ ...vector, name, independent, key: rfc6979.key })),
  );
  test.each(vectors)("$name with $hash, message $message", ({ independent, key, hash, message, r, s }) => {
    const nodeName = hash.replace("-", "").toLowerCase();
    const digest = createHash(nodeName).update(message).digest();
    const signature = independentAttempt(independent, nodeName, hexToBytes(key), digest, 0);
    expect(signature).toEqual({ r: BigInt(`0x${r}`), s: BigInt(`0x${s}`) });
  });
});

describe.each(CURVES)("ECDSA on $name", ({ noble, ofHal, independent, hash, vectors, least, pastGreatestR, ...curve }) => {
  const { fieldBytes } = independent;
  const { n: order } = noble.Point.CURVE();
  const signAttempt = nobleAttempt(noble);

  const raw = ({ r, s }: Signature): Uint8Array => new Uint8Array([...toBytes(r, fieldBytes), ...toBytes(s, fieldBytes)]);
  const split = (signature: Uint8Array): Signature => {
    expect(signature).toHaveLength(2 * fieldBytes);
    return { r: toBigInt(signature.subarray(0, fieldBytes)), s: toBigInt(signature.subarray(fieldBytes)) };
  };
  const publicKey = (key: Uint8Array): string => {
    const ecdh = createECDH(independent.openSslName);
    ecdh.setPrivateKey(key);
    return ecdh.getPublicKey("hex", "compressed");
  };

  /** Any private key. */
  const anyKey = fc.bigInt({ min: 1n, max: independent.order - 1n }).map((key) => toBytes(key, fieldBytes));
  const anyDigest = fc.uint8Array({ minLength: fieldBytes, maxLength: fieldBytes });

  describe("noble's order", () => {
    test("is SP 800-186's, and as long as the field", () => {
      expect(order.toString()).toBe(curve.publishedOrder);
      expect(independent.order).toBe(order);
      expect(noble.Point.Fp.BYTES).toBe(fieldBytes);
      expect(order >> BigInt(8 * fieldBytes - 8)).toBe(0xffn);
    });

    test("is OpenSSL's: n − 1 is a private key, and that of −G; n is none", () => {
      const base = publicKey(toBytes(1n, fieldBytes));
      const minusBase = (base.startsWith("02") ? "03" : "02") + base.slice(2);
      expect(publicKey(toBytes(order - 1n, fieldBytes))).toBe(minusBase);
      expect(() => publicKey(toBytes(order, fieldBytes))).toThrow("Private key is not valid for specified curve");
    });
  });

  describe("attempt 0 is RFC 6979 as it stands", () => {
    const { key, publicKey: point } = vectors.rfc6979;
    test(`the public key of ${curve.clause}`, () => {
      expect(bytesToHex(ofHal.publicKey(hexToBytes(key)))).toBe(point);
    });

    test.each(vectors.rfc6979.vectors)(`${curve.clause}, message $message`, ({ message, r, s }) => {
      const digest = new Uint8Array(createHash(hash).update(message).digest());
      expect(bytesToHex(signAttempt(hexToBytes(key), digest, 0))).toBe(r + s);
      const signature = independentAttempt(independent, hash, hexToBytes(key), digest, 0);
      expect(signature).toEqual({ r: BigInt(`0x${r}`), s: BigInt(`0x${s}`) });
    });
  });

  test("attempt i adds i as 32 bytes little-endian, for any key, digest and attempt", () => {
    fc.assert(
      fc.property(anyKey, anyDigest, fc.integer({ min: 0, max: 0x1ffff }), (key, digest, attempt) => {
        const signature = independentAttempt(independent, hash, key, digest, attempt);
        expect(bytesToHex(signAttempt(key, digest, attempt))).toBe(bytesToHex(raw(signature)));
      }),
      { numRuns: curve.attemptRuns },
    );
  });

  describe("the first attempt that fits is taken, and none is made after it:", () => {
    test.each(vectors.accepted.vectors)("$what", ({ key, digest, attempt, der }) => {
      const padded = hexToBytes(digest.padStart(2 * fieldBytes, "0"));
      const attempts: number[] = [];
      const watched = (k: Uint8Array, d: Uint8Array, i: number): Uint8Array => {
        expect([bytesToHex(k), bytesToHex(d)]).toEqual([key, bytesToHex(padded)]);
        attempts.push(i);
        return signAttempt(k, d, i);
      };
      const signature = signFullLength(watched, order, hexToBytes(key), padded);
      // Behind SEQUENCE, INTEGER r; INTEGER s.
      const [r, s] = [der.slice(8, 8 + 2 * fieldBytes), der.slice(-2 * fieldBytes)];
      expect(signature && bytesToHex(signature)).toBe(r + s);
      expect(attempts).toEqual(Array.from({ length: attempt + 1 }, (_, i) => i));
      expect(ofHal.sign(hexToBytes(key), ofHal.publicKey(hexToBytes(key)), padded)).toEqual(signature);
    });
  });

  describe("the bounds", () => {
    const IN = least << 3n;
    const KEY = new Uint8Array(fieldBytes).fill(1);
    const signed = (attempts: readonly Signature[]): Signature | null => {
      const scripted = (_key: Uint8Array, _digest: Uint8Array, i: number): Uint8Array => raw(attempts[i] ?? { r: IN, s: IN });
      const signature = signFullLength(scripted, order, KEY, new Uint8Array(fieldBytes));
      return signature && split(signature);
    };

    test.each([
      ["the least r", least, IN, IN],
      ["the greatest r", pastGreatestR - 1n, IN, IN],
      ["the least s", IN, least, least],
      ["the greatest s", IN, order - least, least],
      ["the greatest low s", IN, (order - 1n) / 2n, (order - 1n) / 2n],
      ["the least high s", IN, (order + 1n) / 2n, (order - 1n) / 2n],
    ])("take %s", (_what, r, s, low) => {
      expect(signed([{ r, s }])).toEqual({ r, s: low });
    });

    test.each([
      ["r one below the least", least - 1n, IN],
      ["r one above the greatest", pastGreatestR, IN],
      ["the greatest possible r", order - 1n, IN],
      ["the smallest possible r", 1n, IN],
      ["s one below the least", IN, least - 1n],
      ["a high s whose low form is below the least", IN, order - least + 1n],
      ["the greatest possible s", IN, order - 1n],
    ])("refuse %s and take the next attempt", (_what, r, s) => {
      expect(signed([{ r, s }])).toEqual({ r: IN, s: IN });
    });

    test("a source of nonces that never fits ends in null, not in an endless loop", () => {
      const never = Array.from({ length: 1000 }, (): Signature => ({ r: 1n, s: 1n }));
      expect(signed(never)).toBeNull();
    });
  });
});

import { createHash, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToHex, hexToBytes } from "../protocol/bytes.ts";
import { ALG_P256, ALG_P384, P256_SIGNATURE_DER_BYTES, P384_SIGNATURE_DER_BYTES } from "../protocol/piv.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import p256Vectors from "../protocol/vectors/ecdsa-p256.json" with { type: "json" };
import p384Vectors from "../protocol/vectors/ecdsa-p384.json" with { type: "json" };
import { signFullLength } from "../simulator/full-length-ecdsa.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import {
  INDEPENDENT_P256,
  INDEPENDENT_P384,
  type IndependentCurve,
  independentAttempt,
  type Signature,
  toBigInt,
  toBytes,
} from "../test/firmware/independent-ecdsa.ts";
import { publicKeyOf } from "../test/support/ec-keys.ts";
import { signEcdsa } from "./ecdsa-signature.ts";
import type { Curve } from "./hal.ts";
import { type KeyAlgorithm, keyAlgorithm } from "./key-algorithm.ts";

interface CurveUnderTest {
  readonly name: string;
  readonly id: number;
  readonly independent: IndependentCurve;
  /** The hash of its nonces. */
  readonly hash: string;
  readonly vectors: typeof p256Vectors;
  /** Of r and of the low s. */
  readonly least: bigint;
  readonly pastGreatestR: bigint;
  readonly derBytes: number;
  /** What stands before r and before s. */
  readonly headOfR: string;
  readonly headOfS: string;
  readonly signatureRuns: number;
}

const CURVES: readonly CurveUnderTest[] = [
  {
    name: "P-256",
    id: ALG_P256,
    independent: INDEPENDENT_P256,
    hash: "sha256",
    vectors: p256Vectors,
    least: 2n ** 247n,
    pastGreatestR: 2n ** 255n,
    derBytes: 70,
    headOfR: "30440220",
    headOfS: "0220",
    signatureRuns: 200,
  },
  {
    name: "P-384",
    id: ALG_P384,
    independent: INDEPENDENT_P384,
    hash: "sha384",
    vectors: p384Vectors,
    least: 2n ** 375n,
    pastGreatestR: 2n ** 383n,
    derBytes: 102,
    headOfR: "30640230",
    headOfS: "0230",
    signatureRuns: 50,
  },
];

test("the lengths that others count on", () => {
  expect([P256_SIGNATURE_DER_BYTES, P384_SIGNATURE_DER_BYTES]).toEqual(CURVES.map(({ derBytes }) => derBytes));
});

describe.each(CURVES)("ECDSA on $name", ({ id, independent, hash, vectors, least, pastGreatestR, ...curve }) => {
  const { order, fieldBytes } = independent;
  const algorithm = keyAlgorithm(nobleCrypto, id) as KeyAlgorithm;
  const algorithmWith = (sign: Curve["sign"]): KeyAlgorithm => ({ ...algorithm, curve: { ...algorithm.curve, sign } });

  const digestOf = (message: string | Uint8Array): Uint8Array => createHash(hash).update(message).digest();
  const signed = (key: Uint8Array, digest: Uint8Array): Uint8Array => signEcdsa(algorithm, key, algorithm.curve.publicKey(key), digest);

  const padded = (digest: Uint8Array): Uint8Array => {
    const whole = new Uint8Array(fieldBytes);
    whole.set(digest, fieldBytes - digest.length);
    return whole;
  };

  /** r and s (or n − s, when smaller) inside the bounds of the token's signatures. */
  const isAccepted = (r: bigint, s: bigint): boolean => r >= least && r < pastGreatestR && s >= least;

  const independentSignature = (key: Uint8Array, digest: Uint8Array): { attempt: number; der: string } => {
    for (let attempt = 0; ; attempt++) {
      const { r, s } = independentAttempt(independent, hash, key, padded(digest), attempt);
      const low = s * 2n > order ? order - s : s;
      const [hexR, hexS] = [bytesToHex(toBytes(r, fieldBytes)), bytesToHex(toBytes(low, fieldBytes))];
      if (isAccepted(r, low)) return { attempt, der: curve.headOfR + hexR + curve.headOfS + hexS };
    }
  };

  const splitDer = (der: Uint8Array): Signature => {
    expect(der).toHaveLength(curve.derBytes);
    const endOfR = 4 + fieldBytes;
    expect(bytesToHex(der.subarray(0, 4))).toBe(curve.headOfR);
    expect(bytesToHex(der.subarray(endOfR, endOfR + 2))).toBe(curve.headOfS);
    return { r: toBigInt(der.subarray(4, endOfR)), s: toBigInt(der.subarray(endOfR + 2)) };
  };

  /** Any private key. */
  const anyKey = fc.bigInt({ min: 1n, max: order - 1n }).map((key) => toBytes(key, fieldBytes));

  describe("the accepted signature", () => {
    test.each(vectors.accepted.vectors)("$what", ({ key, digest, attempt, der }) => {
      expect(bytesToHex(signed(hexToBytes(key), hexToBytes(digest)))).toBe(der);
      expect(independentSignature(hexToBytes(key), hexToBytes(digest))).toEqual({ attempt, der });
    });

    test(`has ${curve.derBytes} bytes and low s, both INTEGERs full, and OpenSSL verifies it, for any key and digest`, () => {
      fc.assert(
        fc.property(anyKey, fc.uint8Array({ minLength: 0, maxLength: 200 }), (key, message) => {
          const der = signed(key, digestOf(message));
          const { r, s } = splitDer(der);
          expect(isAccepted(r, s)).toBe(true);
          expect(s * 2n).toBeLessThan(order);
          expect(verify(hash, message, publicKeyOf(algorithm.curve.publicKey(key)), der)).toBe(true);
        }),
        { numRuns: curve.signatureRuns },
      );
    });

    test("of a shorter digest is that of the digest padded with zeros on the left", () => {
      fc.assert(
        fc.property(anyKey, fc.uint8Array({ minLength: 1, maxLength: fieldBytes - 1 }), (key, digest) => {
          expect(signed(key, digest)).toEqual(signed(key, padded(digest)));
        }),
        { numRuns: 20 },
      );
    });
  });

  describe("of the arithmetic", () => {
    const KEY = new Uint8Array(fieldBytes).fill(1);
    const POINT = new Uint8Array(1 + 2 * fieldBytes).fill(2);
    const DIGEST = new Uint8Array(fieldBytes).fill(3);

    test("it asks once, with the key, its point and a digest as long as the field, and puts r and s into DER as they come", () => {
      const asked: Uint8Array[][] = [];
      const scripted = algorithmWith((...bytes) => {
        asked.push(bytes);
        return new Uint8Array(2 * fieldBytes).map((_, i) => i);
      });
      const integers = bytesToHex(new Uint8Array(2 * fieldBytes).map((_, i) => i));
      const der = curve.headOfR + integers.slice(0, 2 * fieldBytes) + curve.headOfS + integers.slice(2 * fieldBytes);
      for (const digest of [DIGEST, DIGEST.subarray(5)]) expect(bytesToHex(signEcdsa(scripted, KEY, POINT, digest))).toBe(der);
      expect(asked).toEqual([
        [KEY, POINT, DIGEST],
        [KEY, POINT, padded(DIGEST.subarray(5))],
      ]);
    });

    test.each([
      ["gives null", (): null => null],
      [
        "finds no attempt that fits",
        (key: Uint8Array, _point: Uint8Array, digest: Uint8Array) =>
          signFullLength(() => new Uint8Array(2 * fieldBytes).fill(0), order, key, digest),
      ],
    ])("that %s it makes 6F00", (_what, sign) => {
      expect(() => signEcdsa(algorithmWith(sign), KEY, POINT, DIGEST)).toThrow(expect.objectContaining({ sw: SW_INTERNAL_ERROR }));
    });
  });
});

import { createHash, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToHex, hexToBytes } from "../protocol/bytes.ts";
import { ALG_P256, ALG_P384, P256_SIGNATURE_DER_BYTES, P384_SIGNATURE_DER_BYTES } from "../protocol/piv.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import p256Vectors from "../protocol/vectors/ecdsa-p256.json" with { type: "json" };
import p384Vectors from "../protocol/vectors/ecdsa-p384.json" with { type: "json" };
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
  /** Where RFC 6979 has them. */
  readonly clause: string;
  /** Of r and of the low s. */
  readonly least: bigint;
  readonly pastGreatestR: bigint;
  readonly derBytes: number;
  /** What stands before r and before s. */
  readonly headOfR: string;
  readonly headOfS: string;
  readonly attemptRuns: number;
  readonly signatureRuns: number;
}

const CURVES: readonly CurveUnderTest[] = [
  {
    name: "P-256",
    id: ALG_P256,
    independent: INDEPENDENT_P256,
    hash: "sha256",
    vectors: p256Vectors,
    clause: "A.2.5",
    least: 2n ** 247n,
    pastGreatestR: 2n ** 255n,
    derBytes: 70,
    headOfR: "30440220",
    headOfS: "0220",
    attemptRuns: 50,
    signatureRuns: 200,
  },
  {
    name: "P-384",
    id: ALG_P384,
    independent: INDEPENDENT_P384,
    hash: "sha384",
    vectors: p384Vectors,
    clause: "A.2.6",
    least: 2n ** 375n,
    pastGreatestR: 2n ** 383n,
    derBytes: 102,
    headOfR: "30640230",
    headOfS: "0230",
    attemptRuns: 30,
    signatureRuns: 50,
  },
];

test("the lengths that others count on", () => {
  expect([P256_SIGNATURE_DER_BYTES, P384_SIGNATURE_DER_BYTES]).toEqual(CURVES.map(({ derBytes }) => derBytes));
});

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

describe.each(CURVES)("ECDSA on $name", ({ id, independent, hash, vectors, least, pastGreatestR, ...curve }) => {
  const { order, fieldBytes } = independent;
  const algorithm = keyAlgorithm(nobleCrypto, id) as KeyAlgorithm;
  const algorithmWith = (signAttempt: Curve["signAttempt"]): KeyAlgorithm => ({ ...algorithm, curve: { ...algorithm.curve, signAttempt } });

  const digestOf = (message: string | Uint8Array): Uint8Array => createHash(hash).update(message).digest();
  const raw = ({ r, s }: Signature): Uint8Array => new Uint8Array([...toBytes(r, fieldBytes), ...toBytes(s, fieldBytes)]);

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
  const anyDigest = fc.uint8Array({ minLength: fieldBytes, maxLength: fieldBytes });

  describe("signAttempt 0 is RFC 6979 as it stands", () => {
    const { key, publicKey } = vectors.rfc6979;
    test(`the public key of ${curve.clause}`, () => {
      expect(bytesToHex(algorithm.curve.publicKey(hexToBytes(key)))).toBe(publicKey);
    });

    test.each(vectors.rfc6979.vectors)(`${curve.clause}, message $message`, ({ message, r, s }) => {
      expect(bytesToHex(algorithm.curve.signAttempt(hexToBytes(key), digestOf(message), 0))).toBe(r + s);
      const signature = independentAttempt(independent, hash, hexToBytes(key), digestOf(message), 0);
      expect(signature).toEqual({ r: BigInt(`0x${r}`), s: BigInt(`0x${s}`) });
    });
  });

  test("signAttempt i adds i as 32 bytes little-endian, for any key, digest and attempt", () => {
    fc.assert(
      fc.property(anyKey, anyDigest, fc.integer({ min: 0, max: 0x1ffff }), (key, digest, attempt) => {
        const signature = independentAttempt(independent, hash, key, digest, attempt);
        expect(bytesToHex(algorithm.curve.signAttempt(key, digest, attempt))).toBe(bytesToHex(raw(signature)));
      }),
      { numRuns: curve.attemptRuns },
    );
  });

  describe("the accepted signature", () => {
    test.each(vectors.accepted.vectors)("$what", ({ key, digest, attempt, der }) => {
      const attempts: number[] = [];
      const watched = algorithmWith((k, d, i) => {
        attempts.push(i);
        return algorithm.curve.signAttempt(k, d, i);
      });
      expect(bytesToHex(signEcdsa(watched, hexToBytes(key), hexToBytes(digest)))).toBe(der);
      expect(attempts).toEqual(Array.from({ length: attempt + 1 }, (_, i) => i));
      expect(independentSignature(hexToBytes(key), hexToBytes(digest))).toEqual({ attempt, der });
    });

    test(`has ${curve.derBytes} bytes and low s, both INTEGERs full, and OpenSSL verifies it, for any key and digest`, () => {
      fc.assert(
        fc.property(anyKey, fc.uint8Array({ minLength: 0, maxLength: 200 }), (key, message) => {
          const der = signEcdsa(algorithm, key, digestOf(message));
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
          expect(signEcdsa(algorithm, key, digest)).toEqual(signEcdsa(algorithm, key, padded(digest)));
        }),
        { numRuns: 20 },
      );
    });
  });

  describe("the bounds", () => {
    const IN = least << 3n;
    const KEY = new Uint8Array(fieldBytes).fill(1);
    const signed = (attempts: readonly Signature[]): Uint8Array => {
      const scripted = algorithmWith((_key, _digest, i) => raw(attempts[i] ?? { r: IN, s: IN }));
      return signEcdsa(scripted, KEY, new Uint8Array(fieldBytes));
    };

    test.each([
      ["the least r", least, IN, IN],
      ["the greatest r", pastGreatestR - 1n, IN, IN],
      ["the least s", IN, least, least],
      ["the greatest s", IN, order - least, least],
      ["the greatest low s", IN, (order - 1n) / 2n, (order - 1n) / 2n],
      ["the least high s", IN, (order + 1n) / 2n, (order - 1n) / 2n],
    ])("take %s", (_what, r, s, low) => {
      expect(splitDer(signed([{ r, s }]))).toEqual({ r, s: low });
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
      expect(splitDer(signed([{ r, s }]))).toEqual({ r: IN, s: IN });
    });

    test("a source of nonces that never fits ends in 6F00, not in an endless loop", () => {
      const never = Array.from({ length: 1000 }, (): Signature => ({ r: 1n, s: 1n }));
      expect(() => signed(never)).toThrow(expect.objectContaining({ sw: SW_INTERNAL_ERROR }));
    });
  });
});

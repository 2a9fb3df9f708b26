import { createECDH } from "node:crypto";
import { p256, p384 } from "@noble/curves/nist.js";
import { describe, expect, test } from "vitest";
import { ALG_P256, ALG_P384 } from "../protocol/piv.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { toBigInt, toBytes } from "../test/firmware/independent-ecdsa.ts";
import { type KeyAlgorithm, keyAlgorithm } from "./key-algorithm.ts";

describe.each([
  // 2^256 − 2^224 + 2^192 + 2^96 − 1 and 2^384 − 2^128 − 2^96 + 2^32 − 1 (SP 800-186 §3.2.1.3, §3.2.1.4) have 32 and 48 bytes.
  ["P-256", ALG_P256, p256, "prime256v1", 32],
  ["P-384", ALG_P384, p384, "secp384r1", 48],
] as const)("the algorithm of %s", (_curve, id, noble, openSslName, fieldBytes) => {
  const algorithm = keyAlgorithm(nobleCrypto, id) as KeyAlgorithm;
  const order = toBigInt(algorithm.order);
  const publicKey = (key: Uint8Array): string => {
    const ecdh = createECDH(openSslName);
    ecdh.setPrivateKey(key);
    return ecdh.getPublicKey("hex", "compressed");
  };

  test("has the length of the field", () => {
    expect(algorithm.fieldBytes).toBe(fieldBytes);
    expect(noble.Point.Fp.BYTES).toBe(fieldBytes);
    expect(algorithm.order).toHaveLength(fieldBytes);
  });

  test("has noble's order", () => {
    expect(order).toBe(noble.Point.CURVE().n);
  });

  test("has OpenSSL's order: n − 1 is a private key, and that of −G; n is none", () => {
    const base = publicKey(toBytes(1n, fieldBytes));
    const minusBase = (base.startsWith("02") ? "03" : "02") + base.slice(2);
    expect(publicKey(toBytes(order - 1n, fieldBytes))).toBe(minusBase);
    expect(() => publicKey(algorithm.order)).toThrow("Private key is not valid for specified curve");
  });

  test("has SP 800-186's order, which it prints in decimal (as FIPS 186-4 D.1.2.3 and D.1.2.4 did)", () => {
    const published = {
      [ALG_P256]: "115792089210356248762697446949407573529996955224135760342422259061068512044369",
      [ALG_P384]: "39402006196394479212279040100143613805079739270465446667946905279627659399113263569398956308152294913554433653942643",
    };
    expect(order.toString()).toBe(published[id]);
  });
});

import { p256, p384 } from "@noble/curves/nist.js";
import { describe, expect, test } from "vitest";
import { ALG_P256, ALG_P384 } from "../protocol/piv.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { keyAlgorithm } from "./key-algorithm.ts";

describe.each([
  // 2^256 − 2^224 + 2^192 + 2^96 − 1 and 2^384 − 2^128 − 2^96 + 2^32 − 1 (SP 800-186 §3.2.1.3, §3.2.1.4) have 32 and 48 bytes.
  ["P-256", ALG_P256, p256, nobleCrypto.p256, 32],
  ["P-384", ALG_P384, p384, nobleCrypto.p384, 48],
] as const)("the algorithm of %s", (_curve, id, noble, curve, fieldBytes) => {
  test("has the length of the field, and the HAL's arithmetic of that curve", () => {
    expect(keyAlgorithm(nobleCrypto, id)).toEqual({ id, fieldBytes, curve });
    expect(noble.Point.Fp.BYTES).toBe(fieldBytes);
    expect(curve?.generateKey()).toHaveLength(fieldBytes);
    expect(curve?.isPoint(noble.Point.BASE.toBytes(false))).toBe(true);
  });
});

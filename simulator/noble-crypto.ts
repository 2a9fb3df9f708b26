// The arithmetic of a simulated token: @noble/curves for P-256 and P-384, OpenSSL (node:crypto) for SHA-256 and AES.

import { createCipheriv, createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ECDSA } from "@noble/curves/abstract/weierstrass.js";
import { p256, p384 } from "@noble/curves/nist.js";
import type { CryptoProvider, Curve } from "../firmware/hal.ts";
import { additionalData, type SignAttempt, signFullLength } from "./full-length-ecdsa.ts";

const UNCOMPRESSED = 0x04;

/** One attempt of ECDSA by noble; a `digest` as long as the field. */
export function nobleAttempt(curve: ECDSA): SignAttempt {
  return (key, digest, attempt) => {
    const extraEntropy = additionalData(attempt);
    return curve.sign(digest, key, { prehash: false, lowS: false, format: "compact", ...(extraEntropy && { extraEntropy }) });
  };
}

function nobleCurve(curve: ECDSA): Curve {
  const signAttempt = nobleAttempt(curve);
  return {
    generateKey: () => curve.utils.randomSecretKey(),
    publicKey: (key) => curve.getPublicKey(key, false),
    // Not verified again: here a fault is the machine's, and whoever can make one has the keys, too.
    sign: (key, _point, digest) => signFullLength(signAttempt, curve.Point.CURVE().n, key, digest),
    isPoint: (bytes) => bytes[0] === UNCOMPRESSED && curve.utils.isValidPublicKey(bytes, false),
    // noble gives the compressed point: its first byte is the sign of y.
    sharedSecret: (key, point) => curve.getSharedSecret(key, point).slice(1),
  };
}

export const nobleCrypto: CryptoProvider = {
  sha256: (data) => new Uint8Array(createHash("sha256").update(data).digest()),
  crc32: (data) => {
    // Asked thousands of times when a token is plugged in: a DataView's buffer would take longer than the sum.
    const sum = crc32(data);
    const checksum = new Uint8Array(4);
    checksum[0] = sum >>> 24;
    checksum[1] = sum >>> 16;
    checksum[2] = sum >>> 8;
    checksum[3] = sum;
    return checksum;
  },
  aesEncryptBlock: (key, block) => {
    const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
  },
  p256: nobleCurve(p256),
  p384: nobleCurve(p384),
};

// The arithmetic of a simulated token: @noble/curves for P-256, OpenSSL (node:crypto) for SHA-256 and AES.

import { createCipheriv, createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { p256 } from "@noble/curves/nist.js";
import type { CryptoProvider } from "../firmware/hal.ts";

/** RFC 6979 §3.6: attempt i > 0 adds i, 32 bytes little-endian. */
function additionalData(attempt: number): Uint8Array | undefined {
  if (attempt === 0) return undefined;
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, attempt, true);
  return bytes;
}

export const nobleCrypto: CryptoProvider = {
  sha256: (data) => new Uint8Array(createHash("sha256").update(data).digest()),
  crc32: (data) => {
    const checksum = new Uint8Array(4);
    new DataView(checksum.buffer).setUint32(0, crc32(data));
    return checksum;
  },
  aesEncryptBlock: (key, block) => {
    const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
  },
  p256GenerateKey: () => p256.utils.randomSecretKey(),
  p256PublicKey: (key) => p256.getPublicKey(key, false),
  signAttempt: (key, digest, attempt) => {
    const extraEntropy = additionalData(attempt);
    return p256.sign(digest, key, { prehash: false, lowS: false, format: "compact", ...(extraEntropy && { extraEntropy }) });
  },
};

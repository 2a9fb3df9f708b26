// One block of AES with OpenSSL: how the unit tests prove the management key.

import { createCipheriv, createDecipheriv } from "node:crypto";

export function aesEncrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  return new Uint8Array(createCipheriv(`aes-${key.length * 8}-ecb`, key, null).update(block));
}

export function aesDecrypt(key: Uint8Array, block: Uint8Array): Uint8Array {
  return new Uint8Array(
    createDecipheriv(`aes-${key.length * 8}-ecb`, key, null)
      .setAutoPadding(false)
      .update(block),
  );
}

// MGF1 (RFC 8017 appendix B.2.1).

import { createHash } from "node:crypto";
import type { RsaDigest } from "./rsa-digests.ts";

/** So many bytes of mask from a seed. */
export function mgf1(digest: RsaDigest, seed: Uint8Array, lengthBytes: number): Uint8Array {
  const blocks: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let made = 0, block = Buffer.alloc(0); made < lengthBytes; made += block.length) {
    counter.writeUInt32BE(blocks.length);
    block = createHash(digest).update(seed).update(counter).digest();
    blocks.push(block);
  }
  return new Uint8Array(Buffer.concat(blocks).subarray(0, lengthBytes));
}

/** `bytes` and the mask, byte by byte. */
export const masked = (bytes: Uint8Array, mask: Uint8Array): Uint8Array => bytes.map((byte, index) => byte ^ (mask[index] ?? 0));

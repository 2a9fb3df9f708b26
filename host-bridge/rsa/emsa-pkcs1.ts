// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): 00 01 FF … FF 00 T.

import { timingSafeEqual } from "node:crypto";
import { concatBytes } from "../../protocol/bytes.ts";
import { DIGEST_INFO_HEADS, type RsaDigest } from "./rsa-digests.ts";
import { modulusBytes, type RsaPadding } from "./rsa-padding.ts";

/** 00 01, at least eight of FF, 00. */
const LEAST_FILL_BYTES = 11;

/** 00 01 FF … FF 00 T. @param bits of the modulus */
export function emsaPkcs1(t: Uint8Array, bits: number): Uint8Array {
  const block = new Uint8Array(modulusBytes(bits)).fill(0xff);
  block.set([0, 1]);
  block[block.length - t.length - 1] = 0;
  block.set(t, block.length - t.length);
  return block;
}

/** DigestInfo of a digest, DER. */
export const digestInfo = (digest: RsaDigest, value: Uint8Array): Uint8Array => concatBytes([DIGEST_INFO_HEADS[digest], value]);

/** @param digest what the data are the digest by; null: they are T itself (PKCS#11's CKM_RSA_PKCS) */
export function pkcs1Padding(digest: RsaDigest | null): RsaPadding {
  const inner = (data: Uint8Array): Uint8Array => (digest === null ? data : digestInfo(digest, data));
  const headBytes = digest === null ? 0 : DIGEST_INFO_HEADS[digest].length;
  return {
    takes: (lengthBytes, bits) => headBytes + lengthBytes + LEAST_FILL_BYTES <= modulusBytes(bits),
    encode: (data, bits) => emsaPkcs1(inner(data), bits),
    // The encoding is made anew and compared whole (§8.2.2): a parser of it is what forgeries are made for.
    isEncoded: (block, data, bits) => timingSafeEqual(block, emsaPkcs1(inner(data), bits)),
  };
}

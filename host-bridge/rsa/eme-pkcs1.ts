// EME-PKCS1-v1_5, the decoding (RFC 8017 §7.2.2), with implicit rejection (draft-irtf-cfrg-rsa-guidance §7; OpenSSL does the same since 3.2): a block
// that is no encoding gives a message all the same, one that nobody can tell from a real one and that is always the same for the same ciphertext. An
// error there, or the time to it, is what Bleichenbacher's attack asks a million times for, and PKCS#11 has no way to answer that would be none.

import { createHmac } from "node:crypto";
import { chosen, maskOfBelow, maskOfEqual } from "./constant-time.ts";

/** 00 02, at least eight random bytes, 00. */
export const LEAST_FILL_BYTES = 11;
const CANDIDATES = 128;

/** Pseudorandom bytes: HMAC-SHA256 of a counter, a label and the length in bits. */
function pseudorandom(key: Uint8Array, label: string, lengthBytes: number): Uint8Array {
  const pieces: Buffer[] = [];
  for (let counter = 0; counter * 32 < lengthBytes; counter++) {
    const head = Buffer.from([counter >> 8, counter & 0xff]);
    const bits = Buffer.from([(8 * lengthBytes) >> 8, (8 * lengthBytes) & 0xff]);
    pieces.push(createHmac("sha256", key).update(head).update(label).update(bits).digest());
  }
  return new Uint8Array(Buffer.concat(pieces).subarray(0, lengthBytes));
}

/** The length of the message that stands in for one, 0 to `mostBytes`: of 128 candidates the last that is not too long. */
function standInLength(key: Uint8Array, mostBytes: number): number {
  const candidates = pseudorandom(key, "length", 2 * CANDIDATES);
  const bitsMask = 2 ** Math.ceil(Math.log2(mostBytes + 1)) - 1;
  let length = 0;
  for (let index = 0; index < CANDIDATES; index++) {
    const candidate = (((candidates[2 * index] ?? 0) << 8) | (candidates[2 * index + 1] ?? 0)) & bitsMask;
    length = chosen(maskOfBelow(candidate, mostBytes + 1), candidate, length);
  }
  return length;
}

/** Where the message begins, and a mask of whether there is one. */
function separatorOf(block: Uint8Array): { start: number; isSound: number } {
  let isSound = maskOfEqual(block[0] ?? 0, 0) & maskOfEqual(block[1] ?? 0, 2);
  let isFound = 0;
  let start = 0;
  for (let index = 2; index < block.length; index++) {
    const isFirstZero = maskOfEqual(block[index] ?? 0, 0) & ~isFound;
    start = chosen(isFirstZero, index + 1, start);
    isFound |= isFirstZero;
  }
  isSound &= isFound & ~maskOfBelow(start, LEAST_FILL_BYTES);
  return { start, isSound };
}

/**
 * @param block what RSADP gave, as long as the modulus
 * @param ciphertext what it was made of
 * @param secret of this key, and known to nobody else: what stands in for messages is made with it
 * @returns the message, or what stands in for it
 */
export function decodeEmePkcs1(block: Uint8Array, ciphertext: Uint8Array, secret: Uint8Array): Uint8Array {
  const key = createHmac("sha256", secret).update(ciphertext).digest();
  const standIn = pseudorandom(key, "message", block.length);
  const standInStart = block.length - standInLength(key, block.length - LEAST_FILL_BYTES);
  const { start, isSound } = separatorOf(block);
  const both = block.map((byte, index) => chosen(isSound, byte, standIn[index] ?? 0));
  const message = both.slice(chosen(isSound, start, standInStart));
  for (const bytes of [both, standIn, key]) bytes.fill(0);
  return message;
}

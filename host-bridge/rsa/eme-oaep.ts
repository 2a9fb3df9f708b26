// EME-OAEP, the decoding (RFC 8017 §7.1.2), with MGF1 over the same digest. Whatever is wrong with a block is one and the same error, found at the
// end: which of it was wrong is what Manger's attack asks for.

import { createHash } from "node:crypto";
import { chosen, maskOfEqual } from "./constant-time.ts";
import { masked, mgf1 } from "./mgf1.ts";
import { DIGEST_LENGTHS, type RsaDigest } from "./rsa-digests.ts";

export interface OaepForm {
  readonly digest: RsaDigest;
  readonly label: Uint8Array;
}

/** What is longest in a block of this length; below 0: the block is too short for the digest. */
export const longestOaepMessage = ({ digest }: OaepForm, blockBytes: number): number => blockBytes - 2 * DIGEST_LENGTHS[digest] - 2;

/** @param block what RSADP gave, as long as the modulus @returns null: no encoding, or of another label */
export function decodeEmeOaep({ digest, label }: OaepForm, block: Uint8Array): Uint8Array | null {
  const seedEnd = 1 + DIGEST_LENGTHS[digest];
  const maskedDb = block.subarray(seedEnd);
  const seed = masked(block.subarray(1, seedEnd), mgf1(digest, maskedDb, DIGEST_LENGTHS[digest]));
  const db = masked(maskedDb, mgf1(digest, seed, maskedDb.length));
  const labelDigest = createHash(digest).update(label).digest();
  let isSound = maskOfEqual(block[0] ?? 0, 0);
  for (const [index, byte] of labelDigest.entries()) isSound &= maskOfEqual(byte, db[index] ?? 0);
  let isFound = 0;
  let start = 0;
  for (let index = labelDigest.length; index < db.length; index++) {
    const isOne = maskOfEqual(db[index] ?? 0, 1);
    start = chosen(isOne & ~isFound, index + 1, start);
    isSound &= isFound | isOne | maskOfEqual(db[index] ?? 0, 0); // before the 01 nothing but zeros
    isFound |= isOne;
  }
  const message = (isSound & isFound) === 0 ? null : db.slice(start);
  for (const bytes of [seed, db]) bytes.fill(0);
  return message;
}

// EMSA-PSS (RFC 8017 §9.1) with MGF1 over the same digest: maskedDB ‖ H ‖ BC.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { concatBytes } from "../../protocol/bytes.ts";
import { masked, mgf1 } from "./mgf1.ts";
import { DIGEST_LENGTHS, type RsaDigest } from "./rsa-digests.ts";
import { modulusBytes, type RsaPadding } from "./rsa-padding.ts";

const TRAILER = 0xbc;
const EIGHT_ZEROS = new Uint8Array(8);

export interface PssForm {
  readonly digest: RsaDigest;
  readonly saltBytes: number;
}

/** H: the digest of eight zeros, the message's digest and the salt. */
const saltedDigest = (digest: RsaDigest, message: Uint8Array, salt: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(digest).update(EIGHT_ZEROS).update(message).update(salt).digest());

/** emBits is the modulus' bits less one: the encoded message, and what of its first byte may be set. */
function formOf(bits: number): { lengthBytes: number; firstByte: number } {
  const lengthBytes = Math.ceil((bits - 1) / 8);
  return { lengthBytes, firstByte: 0xff >> (8 * lengthBytes - (bits - 1)) };
}

/** The encoding with a salt that is given, as long as the modulus (§9.1.1). @param message its digest */
export function encodePss(digest: RsaDigest, message: Uint8Array, salt: Uint8Array, bits: number): Uint8Array {
  const { lengthBytes, firstByte } = formOf(bits);
  const h = saltedDigest(digest, message, salt);
  const db = new Uint8Array(lengthBytes - h.length - 1);
  db[db.length - salt.length - 1] = 1;
  db.set(salt, db.length - salt.length);
  const maskedDb = masked(db, mgf1(digest, h, db.length));
  maskedDb[0] = (maskedDb[0] ?? 0) & firstByte;
  return concatBytes([new Uint8Array(modulusBytes(bits) - lengthBytes), maskedDb, h, new Uint8Array([TRAILER])]);
}

/** §9.1.2. @param block as long as the modulus */
function isPss({ digest, saltBytes }: PssForm, block: Uint8Array, message: Uint8Array, bits: number): boolean {
  const { lengthBytes, firstByte } = formOf(bits);
  const outside = block.length - lengthBytes; // one byte, or none
  const em = block.subarray(outside);
  const h = em.subarray(-DIGEST_LENGTHS[digest] - 1, -1);
  const maskedDb = em.subarray(0, em.length - h.length - 1);
  if (block.subarray(0, outside).some((byte) => byte !== 0) || em.at(-1) !== TRAILER || ((em[0] ?? 0) & ~firstByte) !== 0) return false;
  const db = masked(maskedDb, mgf1(digest, h, maskedDb.length));
  db[0] = (db[0] ?? 0) & firstByte;
  const fillBytes = db.length - saltBytes - 1;
  if (db.subarray(0, fillBytes).some((byte) => byte !== 0) || db[fillBytes] !== 1) return false;
  return timingSafeEqual(h, saltedDigest(digest, message, db.subarray(fillBytes + 1)));
}

/** The data are a digest; each encoding has a new salt, of exactly so many bytes. */
export function pssPadding(form: PssForm): RsaPadding {
  const digestBytes = DIGEST_LENGTHS[form.digest];
  return {
    takes: (lengthBytes, bits) => lengthBytes === digestBytes && digestBytes + form.saltBytes + 2 <= formOf(bits).lengthBytes,
    encode: (data, bits) => encodePss(form.digest, data, new Uint8Array(randomBytes(form.saltBytes)), bits),
    isEncoded: (block, data, bits) => isPss(form, block, data, bits),
  };
}

// The reference number of an activation (S15): 80 random bits that people read off a mail and type.

import { createHash, randomBytes } from "node:crypto";

/** Crockford's base32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 16;
/** Whoever types more means something else. */
const MAX_TYPED = 100;
const GROUP = /.{4}(?=.)/g;
const NUMBER = /^[0-9A-HJKMNP-TV-Z]{16}$/;

export interface ReferenceNumber {
  /** XXXX-XXXX-XXXX-XXXX. */
  readonly text: string;
  /** SHA-256 of the 16 characters without hyphens, for the store: with 80 bits nobody finds them from it. */
  readonly digest: Uint8Array;
}

const referenceOf = (plain: string): ReferenceNumber => ({
  text: plain.replace(GROUP, "$&-"),
  digest: new Uint8Array(createHash("sha256").update(plain).digest()),
});

/** To be mailed, once. */
export function newReferenceNumber(): ReferenceNumber {
  // 32 divides 256: each character is as likely as any other.
  return referenceOf(Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join(""));
}

/** As people type it: case, hyphens and spaces don't matter; O is 0, I and L are 1. @returns null: it can be none */
export function readReferenceNumber(typed: string): ReferenceNumber | null {
  if (typed.length > MAX_TYPED) return null;
  const plain = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  return NUMBER.test(plain) ? referenceOf(plain) : null;
}

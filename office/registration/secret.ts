// Secrets that the office hands out: in links, cookies and challenges. The store has only their digests.

import { createHash, randomBytes } from "node:crypto";

const SECRET_BYTES = 32;

export interface NewSecret {
  /** base64url; shown once, or sent. */
  readonly text: string;
  /** SHA-256, for the store. */
  readonly digest: Uint8Array;
}

export function newSecret(): NewSecret {
  const text = randomBytes(SECRET_BYTES).toString("base64url");
  return { text, digest: secretDigest(text) };
}

/** Of whatever somebody sends as one: looked up by it, so nothing is compared byte by byte. */
export function secretDigest(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}

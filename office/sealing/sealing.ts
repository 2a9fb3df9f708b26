// What the store keeps encrypted to the office: evidence, mails with codes, secrets of tokens. Whoever has the database alone reads none of it.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** AES-256-GCM (SP 800-38D). */
const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/** The data is not what was sealed for this purpose, or by another key. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/**
 * Seals data for a purpose: «evidence:ID». What was sealed for one opens for no other, so that rows can't be exchanged. Each kind (what is before
 * the colon) has a key of its own, by HKDF (RFC 5869).
 */
export interface Sealing {
  /** @returns format (1), nonce (12), ciphertext, tag (16) */
  seal(purpose: string, data: Uint8Array): Uint8Array;
  /** @throws SealError */
  open(purpose: string, sealed: Uint8Array): Uint8Array;
}

/** @param master 32 bytes */
export function sealingOf(master: Uint8Array): Sealing {
  if (master.length !== KEY_BYTES) throw new SealError("a sealing key of another length");
  const keyOf = (purpose: string): Uint8Array => {
    const kind = purpose.split(":")[0] ?? "";
    return new Uint8Array(hkdfSync("sha256", master, new Uint8Array(0), `Sceau sealing 1 ${kind}`, KEY_BYTES));
  };
  return {
    seal: (purpose, data) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keyOf(purpose), nonce);
      cipher.setAAD(Buffer.from(purpose));
      const body = [cipher.update(data), cipher.final()];
      return new Uint8Array(Buffer.concat([Buffer.of(FORMAT), nonce, ...body, cipher.getAuthTag()]));
    },
    open: (purpose, sealed) => {
      if (sealed[0] !== FORMAT || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) throw new SealError("nothing sealed");
      const decipher = createDecipheriv(ALGORITHM, keyOf(purpose), sealed.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      try {
        const body = sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES);
        return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
      } catch (cause) {
        throw new SealError("not sealed for this purpose by this key", { cause });
      }
    },
  };
}

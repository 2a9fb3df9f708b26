// A backup as a file: its lines compressed (gzip) and encrypted (AES-256-GCM under a key that scrypt makes of the passphrase). In it are the keys of
// the authority.
//
//   "SCEAUBK1" | salt (16) | nonce (12) | ciphertext | tag (16)

import { createCipheriv, createDecipheriv, type DecipherGCM, randomBytes, scryptSync } from "node:crypto";
import { once } from "node:events";
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readSync } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";

const MAGIC = Buffer.from("SCEAUBK1");
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** RFC 7914: 64 MiB, a quarter of a second. */
const SCRYPT = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 } as const;
export const MIN_PASSPHRASE_CHARACTERS = 12;

/** `not-a-backup`; `passphrase`: wrong, or the file was changed; `passphrase-short`; `format`, `migration`: of another version of Sceau; `incomplete`; `not-empty`: there is an office already where it is to go; `crl-unreadable`, `crl-foreign`: a list beside it is none, or is not of its issuing CAs. */
export type BackupProblem =
  | "not-a-backup"
  | "passphrase"
  | "passphrase-short"
  | "format"
  | "migration"
  | "incomplete"
  | "not-empty"
  | "crl-unreadable"
  | "crl-foreign";

export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly problem: BackupProblem;
  constructor(problem: BackupProblem, options?: ErrorOptions) {
    super(`backup: ${problem}`, options);
    this.problem = problem;
  }
}

const keyOf = (passphrase: string, salt: Uint8Array): Buffer => scryptSync(Buffer.from(passphrase, "utf8"), salt, KEY_BYTES, SCRYPT);

export interface SealedWriter {
  write(text: string): Promise<void>;
  /** Everything is in the file. */
  end(): Promise<void>;
  /** Gives up. */
  destroy(): void;
}

/** @param path of an empty file that is there already, with its mode. @throws BackupError passphrase-short */
export function sealInto(path: string, passphrase: string): SealedWriter {
  if ([...passphrase].length < MIN_PASSPHRASE_CHARACTERS) throw new BackupError("passphrase-short");
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const cipher = createCipheriv("aes-256-gcm", keyOf(passphrase, salt), nonce);
  const head = Buffer.concat([MAGIC, salt, nonce]);
  cipher.setAAD(head);
  const file = createWriteStream(path, { flags: "r+", flush: true });
  file.write(head);
  const gzip = createGzip();
  const done = pipeline(
    gzip,
    cipher,
    async function* (encrypted) {
      yield* encrypted;
      yield cipher.getAuthTag();
    },
    file,
  );
  done.catch(() => {}); // whoever waits is told
  return {
    write: async (text) => {
      if (!gzip.write(text)) await Promise.race([once(gzip, "drain"), done]);
    },
    end: async () => {
      gzip.end();
      await done;
    },
    destroy: () => gzip.destroy(new Error("given up")),
  };
}

/** What lies around the ciphertext. */
interface Sealed {
  readonly path: string;
  readonly salt: Buffer;
  /** Everything before the ciphertext. */
  readonly head: Buffer;
  readonly tag: Buffer;
  /** Where the ciphertext ends. */
  readonly end: number;
}

/** @throws BackupError not-a-backup */
function readSealed(path: string): Sealed {
  const headBytes = MAGIC.length + SALT_BYTES + NONCE_BYTES;
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    if (size <= headBytes + TAG_BYTES) throw new BackupError("not-a-backup");
    const [head, tag] = [Buffer.alloc(headBytes), Buffer.alloc(TAG_BYTES)];
    const end = size - TAG_BYTES;
    readSync(descriptor, head, 0, headBytes, 0);
    readSync(descriptor, tag, 0, TAG_BYTES, end);
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new BackupError("not-a-backup");
    return { path, salt: head.subarray(MAGIC.length, MAGIC.length + SALT_BYTES), head, tag, end };
  } finally {
    closeSync(descriptor);
  }
}

const ciphertextOf = ({ path, head, end }: Sealed): Readable => createReadStream(path, { start: head.length, end: end - 1 });

function decipherOf({ head, tag }: Sealed, key: Buffer): DecipherGCM {
  const decipher = createDecipheriv("aes-256-gcm", key, head.subarray(head.length - NONCE_BYTES));
  decipher.setAAD(head);
  decipher.setAuthTag(tag);
  return decipher;
}

/**
 * What is in a sealed file, all of it proved before the first byte is given. It is read twice, a piece at a time: a backup may be larger than the memory. What
 * is given is proved once more at its end, so that a file that changes meanwhile ends in an error.
 * @throws BackupError not-a-backup, passphrase
 */
export async function openSealed(path: string, passphrase: string): Promise<Readable> {
  const sealed = readSealed(path);
  const key = keyOf(passphrase, sealed.salt);
  const proof = decipherOf(sealed, key);
  for await (const part of ciphertextOf(sealed)) proof.update(part as Buffer);
  try {
    proof.final();
  } catch (cause) {
    throw new BackupError("passphrase", { cause });
  }
  const plain = createGunzip();
  pipeline(ciphertextOf(sealed), decipherOf(sealed, key), plain).catch(() => {}); // whoever reads is told
  return plain;
}

// The root's private key on its way out of the office, and back for the moment of a ceremony: one encrypted file that the officer names.

import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { type CaKey, CaKeyError } from "./ca-key.ts";
import { CeremonyError } from "./ceremony-error.ts";
import { writeLastingFile } from "./durable-files.ts";
import { encryptPrivateKey, RANDOM_PASSPHRASE, TYPED_PASSPHRASE } from "./encrypted-key.ts";
import { newPassphrase, openKeyFile } from "./key-file.ts";

/** A passphrase of an officer is this long at least. */
const MIN_PASSPHRASE_CHARACTERS = 12;

export interface RootKeyFile {
  /** Where it goes, or is. */
  readonly file: string;
  readonly passphrase: string;
  /** The passphrase is random: 256 bits, of newPassphrase. */
  readonly isRandom?: boolean;
}

/** @throws CaKeyError passphrase; CeremonyError root-key-file */
export function checkExport({ file, passphrase }: RootKeyFile): void {
  if ([...passphrase].length < MIN_PASSPHRASE_CHARACTERS) throw new CaKeyError("passphrase", "too short");
  if (existsSync(file) || !existsSync(dirname(file))) throw new CeremonyError("root-key-file", file);
}

function writeOnce(path: string, content: string): void {
  try {
    writeLastingFile(path, content);
  } catch (cause) {
    const isOurs = (cause as NodeJS.ErrnoException).code !== "EEXIST";
    if (isOurs && existsSync(path)) rmSync(path);
    throw new CeremonyError("root-key-file", path, { cause });
  }
}

/**
 * Writes the file (mode 0600), to the disk, and reads it again: the key is nowhere else.
 * @returns SHA-256 of the file, hexadecimal
 * @throws CeremonyError root-key-file: nothing was left there
 */
export function exportRootKey(key: KeyObject, { file, passphrase, isRandom = false }: RootKeyFile): string {
  writeOnce(file, encryptPrivateKey(key, passphrase, isRandom ? RANDOM_PASSPHRASE : TYPED_PASSPHRASE));
  try {
    if (!openKeyFile(file, passphrase).publicKey.equals(createPublicKey(key))) throw new Error("another key was read");
  } catch (cause) {
    rmSync(file, { force: true });
    throw new CeremonyError("root-key-file", file, { cause });
  }
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** The root's key, back for a ceremony. @throws CaKeyError unreadable, passphrase; CeremonyError not-the-root */
export function bringRootKey({ file, passphrase }: RootKeyFile, root: KeyObject): CaKey {
  const key = openKeyFile(file, passphrase);
  if (!key.publicKey.equals(root)) throw new CeremonyError("not-the-root", file);
  return key;
}

/** Where a passphrase is that nobody chose: beside the root's key, until both are taken away to two places. */
export const randomPassphraseFile = (rootKeyFile: string): string => `${rootKeyFile}.passphrase`;

/**
 * Does a ceremony that makes a root, under a random passphrase that is on the disk before the key is.
 * @throws CeremonyError root-key-file, and whatever `hold` throws: then there is no passphrase either
 */
export async function withRandomPassphrase<T>(file: string, hold: (rootKey: RootKeyFile) => Promise<T>): Promise<T> {
  const passphrase = newPassphrase();
  const place = randomPassphraseFile(file);
  writeOnce(place, `${passphrase}\n`);
  try {
    return await hold({ file, passphrase, isRandom: true });
  } catch (error) {
    rmSync(place, { force: true });
    throw error;
  }
}

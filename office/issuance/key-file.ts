// A key of the authority in a file: encrypted PKCS#8 (encrypted-key.ts).

import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { type CaCurve, type CaKey, CaKeyError, ecdsaOf } from "./ca-key.ts";
import { decryptPrivateKey } from "./encrypted-key.ts";

const PASSPHRASE_BYTES = 32;

/** A passphrase that no person has to remember. */
export const newPassphrase = (): string => randomBytes(PASSPHRASE_BYTES).toString("base64url");

/** @throws CaKeyError unreadable */
export function readPassphrase(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    throw new CaKeyError("unreadable", path, { cause });
  }
}

export function generatePrivateKey(curve: CaCurve): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: curve }).privateKey;
}

/** A private key in this process's memory. @throws CaKeyError key-type */
export function keyInMemory(privateKey: KeyObject): CaKey {
  const publicKey = createPublicKey(privateKey);
  const { hash } = ecdsaOf(publicKey);
  return { publicKey, sign: async (data) => new Uint8Array(sign(hash, data, privateKey)) };
}

/** @throws CaKeyError unreadable, passphrase, key-type */
export function openKeyFile(path: string, passphrase: string): CaKey {
  let pem: string;
  try {
    pem = readFileSync(path, "utf8");
  } catch (cause) {
    throw new CaKeyError("unreadable", path, { cause });
  }
  return keyInMemory(decryptPrivateKey(pem, passphrase, path));
}

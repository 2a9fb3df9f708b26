// A private key under a passphrase: EncryptedPrivateKeyInfo (RFC 5958 §3) with PBES2 (RFC 8018): scrypt (RFC 7914) and AES-256-CBC. Everything
// that has OpenSSL 1.1 or later reads it.

import { createCipheriv, createPrivateKey, type KeyObject, randomBytes, scryptSync } from "node:crypto";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { CaKeyError } from "./ca-key.ts";

/** As much memory as OpenSSL's reader allows by itself: 16 of 32 MiB. */
const SCRYPT = { N: 16_384, r: 8 } as const;
/** How often, one after the other: 0.4 s for a passphrase that a person made up. A random one of 256 bits needs no such help. */
export const TYPED_PASSPHRASE = 8;
export const RANDOM_PASSPHRASE = 1;
const SCRYPT_MEMORY_BYTES = 64 * 1024 * 1024;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const IV_BYTES = 16;
const LINE_CHARACTERS = 64;

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
// OBJECT IDENTIFIERs, DER
const ID_PBES2 = hexToBytes("06092a864886f70d01050d");
const ID_SCRYPT = hexToBytes("06092b06010401da47040b");
const ID_AES_256_CBC = hexToBytes("060960864801650304012a");
// INTEGERs, DER
const N = hexToBytes("02024000");
const R = hexToBytes("020108");

/** PEM. @param passphrase as it is typed: UTF-8. @param p TYPED_PASSPHRASE or RANDOM_PASSPHRASE */
export function encryptPrivateKey(key: KeyObject, passphrase: string, p: number): string {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const derived = scryptSync(Buffer.from(passphrase, "utf8"), salt, KEY_BYTES, { ...SCRYPT, p, maxmem: SCRYPT_MEMORY_BYTES });
  const cipher = createCipheriv("aes-256-cbc", derived, iv);
  const encrypted = Buffer.concat([cipher.update(key.export({ type: "pkcs8", format: "der" })), cipher.final()]);
  const derivation = encodeTlv(SEQUENCE, [
    ID_SCRYPT,
    encodeTlv(SEQUENCE, [encodeTlv(OCTET_STRING, [salt]), N, R, Uint8Array.of(INTEGER, 1, p)]),
  ]);
  const encryption = encodeTlv(SEQUENCE, [ID_AES_256_CBC, encodeTlv(OCTET_STRING, [iv])]);
  const algorithm = encodeTlv(SEQUENCE, [ID_PBES2, encodeTlv(SEQUENCE, [derivation, encryption])]);
  const der = Buffer.from(encodeTlv(SEQUENCE, [algorithm, encodeTlv(OCTET_STRING, [encrypted])]));
  const lines = der.toString("base64").match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? [];
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines.join("\n")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

/** What OpenSSL says when bytes were decrypted by another key. */
const DECRYPTION_FAILED = new Set(["ERR_OSSL_BAD_DECRYPT", "ERR_OSSL_EVP_BAD_DECRYPT"]);
const PEM = /^-----BEGIN ENCRYPTED PRIVATE KEY-----$/m;

/** @throws CaKeyError unreadable (also what is not encrypted), passphrase */
export function decryptPrivateKey(pem: string, passphrase: string, name: string): KeyObject {
  if (!PEM.test(pem)) throw new CaKeyError("unreadable", name);
  try {
    return createPrivateKey({ key: pem, format: "pem", passphrase: Buffer.from(passphrase, "utf8") });
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    // One wrong passphrase in 256 decrypts to padding that is right, and then to no key.
    throw new CaKeyError(DECRYPTION_FAILED.has(code) ? "passphrase" : "unreadable", name, { cause: error });
  }
}

// A key of the certification authority, wherever it is: in an encrypted file (key-file.ts) or behind PKCS#11 (pkcs11-key.ts).

import type { KeyObject } from "node:crypto";

export interface CaKey {
  readonly publicKey: KeyObject;
  /** ECDSA with SHA-256 (P-256) or SHA-384 (P-384): Ecdsa-Sig-Value, DER. @throws CaKeyError */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

export type CaCurve = "P-256" | "P-384";

/**
 * `unreadable`: no encrypted PKCS#8, or no such file; `passphrase`: not the right one, or not long enough for a new key; `key-type`: not P-256 or
 * P-384; `uri`: no PKCS#11 URI that says which key, or one with a PIN in it; `module`: it cannot be loaded; `no-token`, `no-key`: it has none that
 * the URI says; `which-key`: several; `pin`: wrong, blocked, or not given; `key-exists`: a new key would take its name; `device`: any other failure.
 */
export type CaKeyProblem =
  | "unreadable"
  | "passphrase"
  | "key-type"
  | "uri"
  | "module"
  | "no-token"
  | "no-key"
  | "which-key"
  | "pin"
  | "key-exists"
  | "device";

/** A key of the authority cannot be used. Its message never has a passphrase or a PIN. */
export class CaKeyError extends Error {
  override readonly name = "CaKeyError";
  readonly problem: CaKeyProblem;
  constructor(problem: CaKeyProblem, detail: string, options?: ErrorOptions) {
    super(`key of the certification authority, ${problem}: ${detail}`, options);
    this.problem = problem;
  }
}

/** How a key signs (RFC 5758 §3.2). */
export interface EcdsaWithHash {
  readonly curve: CaCurve;
  /** Object identifier. */
  readonly algorithm: string;
  readonly hash: "sha256" | "sha384";
}

const BY_CURVE: ReadonlyMap<string, EcdsaWithHash> = new Map([
  ["prime256v1", { curve: "P-256", algorithm: "1.2.840.10045.4.3.2", hash: "sha256" }],
  ["secp384r1", { curve: "P-384", algorithm: "1.2.840.10045.4.3.3", hash: "sha384" }],
]);

/** @throws CaKeyError key-type */
export function ecdsaOf(publicKey: KeyObject): EcdsaWithHash {
  const found = BY_CURVE.get(publicKey.asymmetricKeyDetails?.namedCurve ?? "");
  if (found === undefined) throw new CaKeyError("key-type", publicKey.asymmetricKeyType ?? "none");
  return found;
}

/** SubjectPublicKeyInfo, DER. */
export const spkiOf = (publicKey: KeyObject): Uint8Array => new Uint8Array(publicKey.export({ type: "spki", format: "der" }));

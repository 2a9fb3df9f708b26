// The one key that the status service has: the delegated responder's (RFC 6960 §4.2.2.2).

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { derElements, derValue } from "../../host-bridge/token/certificate-structure.ts";
import { ID_ECDSA_WITH_SHA256, ID_ECDSA_WITH_SHA384, SEQUENCE } from "./ocsp-names.ts";

export interface OcspKey {
  readonly publicKey: KeyObject;
  /** SHA-1 of the key: how a response names its responder, byKey (§4.2.1). */
  readonly keyHash: Uint8Array;
  /** Content of the OBJECT IDENTIFIER of what `sign` does, hexadecimal: ecdsa-with-SHA256, … */
  readonly algorithm: string;
  /** Ecdsa-Sig-Value, DER. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

const BY_CURVE: ReadonlyMap<string | undefined, { readonly algorithm: string; readonly hash: string }> = new Map([
  ["prime256v1", { algorithm: ID_ECDSA_WITH_SHA256, hash: "sha256" }],
  ["secp384r1", { algorithm: ID_ECDSA_WITH_SHA384, hash: "sha384" }],
]);

/** The responder's key cannot be read, or is of another kind than P-256 and P-384. */
export class OcspKeyError extends Error {
  override readonly name = "OcspKeyError";
}

/** A private key in memory. @throws OcspKeyError */
export function ocspKey(privateKey: KeyObject): OcspKey {
  const how = BY_CURVE.get(privateKey.asymmetricKeyDetails?.namedCurve);
  if (how === undefined) throw new OcspKeyError("the OCSP responder's key is neither P-256 nor P-384");
  const publicKey = createPublicKey(privateKey);
  const spki = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  return {
    publicKey,
    keyHash: new Uint8Array(createHash("sha1").update(keyBytes(spki)).digest()),
    algorithm: how.algorithm,
    sign: (data) =>
      new Promise((resolve, reject) => {
        sign(how.hash, data, privateKey, (error, signature) => (error ? reject(error) : resolve(new Uint8Array(signature))));
      }),
  };
}

/** @param path PKCS#8, PEM: `ocsp.key` of the authority's folder. @throws OcspKeyError */
export function openOcspKey(path: string): OcspKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new OcspKeyError(`the OCSP responder's key cannot be read: ${path}`, { cause });
  }
  return ocspKey(privateKey);
}

/**
 * The key as CertID and KeyHash count it: the BIT STRING's content, without tag, length and unused bits (§4.1.1, §4.2.1).
 * @param spki SubjectPublicKeyInfo, DER
 */
export function keyBytes(spki: Uint8Array): Uint8Array {
  const [, key] = derElements(derValue(spki, SEQUENCE));
  return (key?.value ?? new Uint8Array()).slice(1);
}

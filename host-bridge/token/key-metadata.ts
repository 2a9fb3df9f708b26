// What a token tells of a key that it holds: on a curve, or, on other PIV cards, RSA.

import { findTlv, type Tlv } from "../../protocol/ber-tlv.ts";
import { ALG_RSA_1024, ALG_RSA_2048, ALG_RSA_3072, ALG_RSA_4096, TAG_MODULUS, TAG_PUBLIC_EXPONENT } from "../../protocol/piv.ts";
import { certifiedRsaKey, modulusBits, type RsaPublicKey, rsaPublicKey, rsaPublicKeyInfo } from "../rsa/rsa-public-key.ts";
import { certifiedPoint, subjectPublicKeyInfo } from "./ec-public-key.ts";

export interface KeyPolicies {
  /** PIN_POLICY_* of protocol/piv.ts. */
  readonly pin: number;
  /** BUTTON_POLICY_*. */
  readonly button: number;
}

interface AnyKeyMetadata {
  readonly policies: KeyPolicies;
  /** Whether it is known to have been made on the token; other cards take keys from outside, and few tell. */
  readonly isMadeInside: boolean;
}

export interface EcKeyMetadata extends AnyKeyMetadata {
  readonly kind: "ec";
  /** ALG_P256 or ALG_P384. */
  readonly algorithm: number;
  /** Uncompressed point: 65 bytes, 97 of P-384. */
  readonly publicKey: Uint8Array;
}

export interface RsaKeyMetadata extends AnyKeyMetadata {
  readonly kind: "rsa";
  /** ALG_RSA_*. */
  readonly algorithm: number;
  readonly rsa: RsaPublicKey;
}

export type KeyMetadata = EcKeyMetadata | RsaKeyMetadata;

/** There is a key, and none that can do what was asked for: that takes one on a curve. */
export class RsaKeyError extends Error {
  override readonly name = "RsaKeyError";
  /** ALG_RSA_*. */
  readonly algorithm: number;
  readonly slot: number;
  constructor({ algorithm }: RsaKeyMetadata, slot: number) {
    super(`the key in slot ${slot.toString(16).toUpperCase()} is an RSA key`);
    this.algorithm = algorithm;
    this.slot = slot;
  }
}

/** SP 800-78-5 table 6-2, and what cards had before it and beside it. */
const RSA_BITS: ReadonlyMap<number, number> = new Map([
  [ALG_RSA_1024, 1024],
  [ALG_RSA_2048, 2048],
  [ALG_RSA_3072, 3072],
  [ALG_RSA_4096, 4096],
]);

/** null: no RSA. */
export const rsaBitsOf = (algorithm: number): number | null => RSA_BITS.get(algorithm) ?? null;

/** ALG_RSA_* of a modulus of so many bits; null: PIV has no number for it. */
export const rsaAlgorithmOf = (bits: number): number | null => [...RSA_BITS].find(([, each]) => each === bits)?.[0] ?? null;

/**
 * An RSA key as cards tell it in 7F49 or in their metadata.
 * @returns null: it is none of this algorithm
 */
export function rsaKeyIn(fields: readonly Tlv[], algorithm: number): RsaPublicKey | null {
  const [modulus, exponent] = [findTlv(fields, TAG_MODULUS), findTlv(fields, TAG_PUBLIC_EXPONENT)];
  const key = modulus === null || exponent === null ? null : rsaPublicKey(modulus, exponent);
  return key !== null && modulusBits(key) === rsaBitsOf(algorithm) ? key : null;
}

/** SubjectPublicKeyInfo in a certificate (DER); null: it is no certificate, or of a kind of key that tokens and cards have not. */
export function certifiedKeyInfo(certificate: Uint8Array): Uint8Array | null {
  const point = certifiedPoint(certificate);
  if (point !== null) return subjectPublicKeyInfo(point);
  const rsa = certifiedRsaKey(certificate);
  return rsa === null ? null : rsaPublicKeyInfo(rsa);
}

/** SubjectPublicKeyInfo, DER. */
export function publicKeyInfoOf(key: KeyMetadata): Uint8Array {
  return key.kind === "ec" ? subjectPublicKeyInfo(key.publicKey) : rsaPublicKeyInfo(key.rsa);
}

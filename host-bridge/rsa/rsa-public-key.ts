// The public half of an RSA key: as a card tells it, as certificates carry it, and what can be done with it.

import { constants, createPublicKey, type KeyObject, publicEncrypt, X509Certificate } from "node:crypto";

const SHORTEST_BITS = 1024;
/** No card of PIV has longer keys; longer ones cost a verifier more than they are worth. */
const LONGEST_BITS = 4096;
const MOST_EXPONENT_BYTES = 8;
/** F4, what every card makes its keys with (SP 800-78-5 §3.1). */
export const USUAL_EXPONENT = new Uint8Array([1, 0, 1]);

export interface RsaPublicKey {
  /** Big-endian, without leading zeros. */
  readonly modulus: Uint8Array;
  /** Big-endian, without leading zeros. */
  readonly publicExponent: Uint8Array;
}

const isOdd = (number: Uint8Array): boolean => ((number.at(-1) ?? 0) & 1) === 1;

function withoutLeadingZeros(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0);
  return new Uint8Array(number.subarray(first < 0 ? number.length : first));
}

/** Of the modulus; its first bit is set. */
export function modulusBits({ modulus }: RsaPublicKey): number {
  return 8 * modulus.length - Math.clz32(modulus[0] ?? 0) + 24;
}

/** From two numbers as somebody tells them; null: no RSA key of 1024 to 4096 bits. */
export function rsaPublicKey(modulusDigits: Uint8Array, exponentDigits: Uint8Array): RsaPublicKey | null {
  const key = { modulus: withoutLeadingZeros(modulusDigits), publicExponent: withoutLeadingZeros(exponentDigits) };
  const bits = modulusBits(key);
  const { publicExponent } = key;
  const isExponent =
    isOdd(publicExponent) && publicExponent.length <= MOST_EXPONENT_BYTES && (publicExponent.length > 1 || publicExponent[0] !== 1);
  return bits >= SHORTEST_BITS && bits <= LONGEST_BITS && isOdd(key.modulus) && isExponent ? key : null;
}

/** For node:crypto. */
export function rsaKeyObject({ modulus, publicExponent }: RsaPublicKey): KeyObject {
  const base64url = (number: Uint8Array): string => Buffer.from(number).toString("base64url");
  return createPublicKey({ key: { kty: "RSA", n: base64url(modulus), e: base64url(publicExponent) }, format: "jwk" });
}

/** SubjectPublicKeyInfo (RFC 3279 §2.3.1), DER. */
export function rsaPublicKeyInfo(key: RsaPublicKey): Uint8Array {
  return new Uint8Array(rsaKeyObject(key).export({ format: "der", type: "spki" }));
}

/** The RSA key of a certificate (DER); null: it is no certificate, of another kind of key, or bound to RSASSA-PSS (which PIV does not know). */
export function certifiedRsaKey(certificate: Uint8Array): RsaPublicKey | null {
  try {
    const { publicKey } = new X509Certificate(certificate);
    if (publicKey.asymmetricKeyType !== "rsa") return null;
    const { n = "", e = "" } = publicKey.export({ format: "jwk" });
    return rsaPublicKey(Buffer.from(n, "base64url"), Buffer.from(e, "base64url"));
  } catch {
    return null; // no certificate, or a kind of key that OpenSSL does not know
  }
}

/**
 * RSAEP and RSAVP1 (RFC 8017 §5.1.1, §5.2.2), without any padding.
 * @param block as long as the modulus
 * @returns as long as the modulus; null: the block is no number below it
 */
export function applyPublicKey(key: RsaPublicKey, block: Uint8Array): Uint8Array | null {
  if (block.length !== key.modulus.length || Buffer.compare(block, key.modulus) >= 0) return null;
  return new Uint8Array(publicEncrypt({ key: rsaKeyObject(key), padding: constants.RSA_NO_PADDING }, block));
}

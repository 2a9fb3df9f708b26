// Signs with the key of slot 9C over a token client: what signs inside the process that holds the token, without PKCS#11.

import { X509Certificate } from "node:crypto";
import { equalBytes } from "../../protocol/bytes.ts";
import { ALG_P384, OBJECT_SIGNATURE_CERTIFICATE, P384_DIGEST_BYTES, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import type { TokenClient } from "../token/token-client.ts";
import { commonName } from "./distinguished-name.ts";
import type { DigestSigner } from "./signer.ts";
import { checkValidity, isForSigning, issuersOf } from "./signer-certificate.ts";
import { SigningError } from "./signing-error.ts";

/** SEC 1 §2.3.3. */
const UNCOMPRESSED = 4;

/** The key in slot 9C with its certificate. */
export interface SigningKey {
  /** DER. */
  readonly certificate: Uint8Array;
  /** DER, the signer's own first, without the root. */
  readonly issuers: readonly Uint8Array[];
  /** Common name of the certificate's subject. */
  readonly signer: string;
  /** ALG_P256 or ALG_P384. */
  readonly algorithm: number;
}

/** What the holder gives for one signature, or for one list. */
export interface Consent {
  /** The caller overwrites it afterwards. */
  readonly pin: Uint8Array;
  /** The token waits for its button. */
  readonly onButton?: () => void;
}

/** The key that a certificate is for, as an uncompressed point; null: no key on a curve that we know. */
function certifiedPoint(certificate: X509Certificate): Uint8Array | null {
  try {
    const { x, y } = certificate.publicKey.export({ format: "jwk" });
    if (x === undefined || y === undefined) return null;
    return new Uint8Array([UNCOMPRESSED, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")]);
  } catch {
    return null; // a kind of key that OpenSSL does not know, or cannot tell in this form
  }
}

function readable(der: Uint8Array | null): X509Certificate {
  if (der === null) throw new SigningError("no-certificate");
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new SigningError("no-certificate", "", { cause }); // what is in the object is none
  }
}

/**
 * No PIN yet.
 * @param known certificates that may lead from the signer's to a root, DER; those that do go into the signature
 * @throws SigningError no-certificate, expired, not-yet-valid, other-key; TokenError, TransportError
 */
export async function findSigningKey(client: TokenClient, known: readonly Uint8Array[], now: Date): Promise<SigningKey> {
  const der = await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE);
  const certificate = readable(der);
  const bytes = new Uint8Array(certificate.raw);
  if (!isForSigning(bytes)) throw new SigningError("no-certificate");
  const key = await client.keyMetadata(SLOT_SIGNATURE);
  if (key === null) throw new SigningError("no-certificate");
  const certified = certifiedPoint(certificate);
  if (certified === null || !equalBytes(certified, key.publicKey)) throw new SigningError("other-key");
  checkValidity(certificate, now);
  return { certificate: bytes, issuers: issuersOf(bytes, known), signer: commonName(certificate.subject), algorithm: key.algorithm };
}

/** What of a SHA-256 digest goes to a key: P-384 takes 48 bytes in a list of digests, and zeros before a number change no signature (FIPS 186-5 §6.4). */
export function asDigestOf({ algorithm }: SigningKey, digest: Uint8Array): Uint8Array {
  if (algorithm !== ALG_P384) return digest;
  const wide = new Uint8Array(P384_DIGEST_BYTES);
  wide.set(digest, P384_DIGEST_BYTES - digest.length);
  return wide;
}

/** One signature: the PIN right before it, as a PIN-always key wants it; the button as the key's policy says. */
export class TokenSigner implements DigestSigner {
  readonly certificate: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  private readonly client: TokenClient;
  private readonly key: SigningKey;
  private readonly consent: Consent;

  constructor(client: TokenClient, key: SigningKey, consent: Consent) {
    this.client = client;
    this.key = key;
    this.consent = consent;
    this.certificate = key.certificate;
    this.issuers = key.issuers;
  }

  /** @throws TokenError with `triesLeft` for a wrong PIN; 6985 when the button was not pressed */
  async signDigest(digest: Uint8Array): Promise<Uint8Array> {
    const { pin, onButton } = this.consent;
    await this.client.verifyPin(pin);
    const options = { algorithm: this.key.algorithm, ...(onButton !== undefined && { onButton }) };
    return this.client.sign(SLOT_SIGNATURE, asDigestOf(this.key, digest), options);
  }
}

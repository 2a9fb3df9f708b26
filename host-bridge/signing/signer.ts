// Whoever makes a signature: a certificate, and a key that signs digests without being seen.

export interface DigestSigner {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Certificates of the issuers (DER), the signer's own first; the root may be left out. */
  readonly issuers: readonly Uint8Array[];
  /** ECDSA over a SHA-256 digest: Ecdsa-Sig-Value in DER. */
  signDigest(digest: Uint8Array): Promise<Uint8Array>;
}

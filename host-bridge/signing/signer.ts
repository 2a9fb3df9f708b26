// Whoever makes a signature: a certificate, and a key that signs digests without being seen.

export interface DigestSigner {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Certificates of the issuers (DER), the signer's own first; the root may be left out. */
  readonly issuers: readonly Uint8Array[];
  /** Over a SHA-256 digest, by the certificate's kind of key: Ecdsa-Sig-Value in DER, or RSASSA-PKCS1-v1_5. */
  signDigest(digest: Uint8Array): Promise<Uint8Array>;
}

// The digests of RSA signatures, by node's names: their lengths, and how a DigestInfo begins (RFC 8017 §9.2 note 1).

import { hexToBytes } from "../../protocol/bytes.ts";

export type RsaDigest = "sha1" | "sha256" | "sha384" | "sha512";

export const DIGEST_LENGTHS: Readonly<Record<RsaDigest, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** DER up to the digest itself: the algorithm with NULL parameters, and the OCTET STRING's head. */
export const DIGEST_INFO_HEADS: Readonly<Record<RsaDigest, Uint8Array>> = {
  sha1: hexToBytes("3021300906052b0e03021a05000414"),
  sha256: hexToBytes("3031300d060960864801650304020105000420"),
  sha384: hexToBytes("3041300d060960864801650304020205000430"),
  sha512: hexToBytes("3051300d060960864801650304020305000440"),
};

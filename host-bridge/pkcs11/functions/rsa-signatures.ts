// RSA signatures: the bridge encodes, the card applies its key.

import { createHash } from "node:crypto";
import { equalBytes } from "../../../protocol/bytes.ts";
import type { RsaDigest } from "../../rsa/rsa-digests.ts";
import type { RsaPadding } from "../../rsa/rsa-padding.ts";
import { applyPublicKey, modulusBits, type RsaPublicKey } from "../../rsa/rsa-public-key.ts";
import { MalformedAnswerError } from "../../token/malformed-answer.ts";
import type { SignatureJudge, SignatureMaking } from "../application/operations.ts";
import type { RsaTokenKey } from "../objects/token-object.ts";

/**
 * A signature goes out when the public key turns it into what was encoded: one that a fault spoiled can tell the private key (Boneh, DeMillo and
 * Lipton), and on a card that tells its keys by their certificates the certificate may be another key's.
 */
export function rsaMaking({ slot, algorithm, publicKey }: RsaTokenKey, padding: RsaPadding): SignatureMaking {
  const bits = modulusBits(publicKey);
  return {
    signatureBytes: publicKey.modulus.length,
    takes: (lengthBytes) => padding.takes(lengthBytes, bits),
    sign: async (client, options, value) => {
      const block = padding.encode(value, bits);
      const signature = await client.applyRsaKey(slot, block, { ...options, algorithm });
      const back = applyPublicKey(publicKey, signature);
      if (back === null || !equalBytes(back, block)) throw new MalformedAnswerError("an RSA signature that is not the key's");
      return signature;
    },
  };
}

/** @param digest what it takes of the data; null: they are what was encoded */
export function rsaJudge(publicKey: RsaPublicKey, padding: RsaPadding, digest: RsaDigest | null): SignatureJudge {
  const bits = modulusBits(publicKey);
  const hash = digest === null ? null : createHash(digest);
  return {
    signatureBytes: publicKey.modulus.length,
    update: hash === null ? null : (data) => hash.update(data),
    takes: (lengthBytes) => padding.takes(lengthBytes, bits),
    isValid: (data, signature) => {
      const block = applyPublicKey(publicKey, signature);
      return block !== null && padding.isEncoded(block, hash?.digest() ?? data, bits);
    },
  };
}

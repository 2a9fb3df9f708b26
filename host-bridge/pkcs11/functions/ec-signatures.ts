// ECDSA as PKCS#11 has it (2.40 Current Mechanisms §2.3.1): r ‖ s over a digest, of which the leftmost bits count where it is longer than the field
// (FIPS 186-5 §6.4). The token makes a signature in DER; verifying needs no token.

import { createVerify } from "node:crypto";
import type { ECDSA } from "@noble/curves/abstract/weierstrass.js";
import { p256, p384 } from "@noble/curves/nist.js";
import { concatBytes } from "../../../protocol/bytes.ts";
import { publicKeyOf } from "../../token/ec-public-key.ts";
import { answerTlv, answerTlvs } from "../../token/malformed-answer.ts";
import type { SignatureJudge, SignatureMaking } from "../application/operations.ts";
import type { EcTokenKey } from "../objects/token-object.ts";

const SEQUENCE = 0x30;
/** A digest of SHA-512; longer data is no digest. */
const MAX_DIGEST_BYTES = 64;
/** By the length of the field. */
const CURVES: ReadonlyMap<number, ECDSA> = new Map([
  [32, p256],
  [48, p384],
]);

const isDigestLength = (lengthBytes: number): boolean => lengthBytes > 0 && lengthBytes <= MAX_DIGEST_BYTES;

/** Ecdsa-Sig-Value (DER) → r ‖ s, `fieldBytes` each. */
export function rawSignature(der: Uint8Array, fieldBytes: number): Uint8Array {
  const integers = answerTlvs(answerTlv(der, SEQUENCE)).map(({ value }) => {
    const fixed = new Uint8Array(fieldBytes);
    const digits = value.length > fieldBytes ? value.subarray(value.length - fieldBytes) : value;
    fixed.set(digits, fieldBytes - digits.length);
    return fixed;
  });
  return concatBytes(integers);
}

export function ecMaking({ slot, algorithm: { id: algorithm, fieldBytes } }: EcTokenKey): SignatureMaking {
  return {
    signatureBytes: 2 * fieldBytes,
    takes: isDigestLength,
    sign: async (client, options, digest) =>
      rawSignature(await client.sign(slot, digest.subarray(0, fieldBytes), { ...options, algorithm }), fieldBytes),
  };
}

/** CKM_ECDSA: the data are the digest, which node:crypto cannot take. */
function digestJudge(point: Uint8Array, fieldBytes: number): SignatureJudge {
  const options = { prehash: false, lowS: false, format: "compact" } as const;
  return {
    signatureBytes: 2 * fieldBytes,
    update: null,
    takes: isDigestLength,
    isValid: (digest, signature) => CURVES.get(fieldBytes)?.verify(signature, digest.subarray(0, fieldBytes), point, options) === true,
  };
}

/**
 * @param point uncompressed: 65 bytes (P-256) or 97 (P-384)
 * @param digest node's name; null: the data are a digest
 */
export function ecJudge(point: Uint8Array, digest: string | null): SignatureJudge {
  const fieldBytes = (point.length - 1) / 2;
  if (digest === null) return digestJudge(point, fieldBytes);
  const verifier = createVerify(digest);
  const key = publicKeyOf(point);
  return {
    signatureBytes: 2 * fieldBytes,
    update: (data) => verifier.update(data),
    takes: () => true,
    isValid: (_, signature) => key !== null && verifier.verify({ key, dsaEncoding: "ieee-p1363" }, signature),
  };
}

// A PKCS#10 certification request (RFC 2986) whose signature the token makes: the proof that it has the key.

import { createHash } from "node:crypto";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, Attribute, Name, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { P256_POINT_BYTES } from "../../protocol/piv.ts";
import { subjectPublicKeyInfo } from "./ec-public-key.ts";

/** RFC 5758 §3.2. */
const ECDSA_WITH_SHA256 = { algorithm: "1.2.840.10045.4.3.2", hash: "sha256" };
const ECDSA_WITH_SHA384 = { algorithm: "1.2.840.10045.4.3.3", hash: "sha384" };

/** challengePassword, RFC 2985 §5.4.1. */
const ID_CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7";
const UTF8_STRING = 0x0c;

function challengeAttribute(challenge: string): Attribute {
  const value = encodeTlv(UTF8_STRING, [new TextEncoder().encode(challenge)]);
  return new Attribute({ type: ID_CHALLENGE_PASSWORD, values: [new Uint8Array(value).buffer] });
}

/**
 * @param point the key's uncompressed point: 65 bytes of P-256, or 97 of P-384
 * @param signDigest ECDSA over a digest as long as the curve's field (SHA-256, SHA-384) by that key: Ecdsa-Sig-Value in DER
 * @param challenge the office's single-use challenge, if it gave one: the attribute challengePassword
 * @returns CertificationRequest, DER; its subject is empty: who the holder is, the office knows
 */
export async function createCertificationRequest(
  point: Uint8Array,
  signDigest: (digest: Uint8Array) => Promise<Uint8Array>,
  challenge?: string,
): Promise<Uint8Array> {
  const { algorithm, hash } = point.length === P256_POINT_BYTES ? ECDSA_WITH_SHA256 : ECDSA_WITH_SHA384;
  const info = new CertificationRequestInfo({
    version: 0,
    subject: new Name([]),
    subjectPKInfo: AsnConvert.parse(subjectPublicKeyInfo(point), SubjectPublicKeyInfo),
    attributes: new Attributes(challenge === undefined ? [] : [challengeAttribute(challenge)]),
  });
  const toBeSigned = new Uint8Array(AsnConvert.serialize(info));
  const signature = await signDigest(createHash(hash).update(toBeSigned).digest());
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm }),
    signature: new Uint8Array(signature).buffer,
  });
  return new Uint8Array(AsnConvert.serialize(request));
}

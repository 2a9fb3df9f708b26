// A PKCS#10 certification request (RFC 2986) whose signature the token makes: the proof that it has the key.

import { createHash } from "node:crypto";
import { CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, Name, SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { subjectPublicKeyInfo } from "./p256-public-key.ts";

const ID_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

/**
 * @param point the key's uncompressed point, 65 bytes
 * @param signDigest ECDSA over a SHA-256 digest by that key: Ecdsa-Sig-Value in DER
 * @returns CertificationRequest, DER; its subject is empty: who the holder is, the office knows
 */
export async function createCertificationRequest(
  point: Uint8Array,
  signDigest: (digest: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const info = new CertificationRequestInfo({
    version: 0,
    subject: new Name([]),
    subjectPKInfo: AsnConvert.parse(subjectPublicKeyInfo(point), SubjectPublicKeyInfo),
  });
  const toBeSigned = new Uint8Array(AsnConvert.serialize(info));
  const signature = await signDigest(createHash("sha256").update(toBeSigned).digest());
  const request = new CertificationRequest({
    certificationRequestInfo: info,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ID_ECDSA_WITH_SHA256 }),
    signature: new Uint8Array(signature).buffer,
  });
  return new Uint8Array(AsnConvert.serialize(request));
}

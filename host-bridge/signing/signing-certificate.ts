// The signing-certificate-v2 attribute (RFC 5035 §3): binds a signature to the one certificate that it was made for.
//
//   SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2, policies … OPTIONAL }
//   ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT sha256, certHash OCTET STRING, issuerSerial … OPTIONAL }

import { createHash } from "node:crypto";
import { encodeTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import { digestName } from "./digests.ts";

export const ID_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
const SEQUENCE = 0x30;
const OCTET_STRING = 0x04;

const sequence = (...parts: Uint8Array[]): Uint8Array => encodeTlv(SEQUENCE, parts);

/** The attribute's value for a certificate (DER), with SHA-256. */
export function encodeSigningCertificate(certificate: Uint8Array): Uint8Array {
  const certHash = createHash("sha256").update(certificate).digest();
  return sequence(sequence(sequence(encodeTlv(OCTET_STRING, [certHash]))));
}

/**
 * Whether the first certificate that the attribute names is this one.
 * @throws MalformedError when the value is no SigningCertificateV2
 */
export function namesCertificate(attributeValue: Uint8Array, certificate: Uint8Array): boolean {
  const [certs] = parseTlvs(parseOneTlv(attributeValue, SEQUENCE));
  const [first] = parseTlvs(certs?.value ?? new Uint8Array(0));
  const fields = parseTlvs(first?.value ?? new Uint8Array(0));
  const hash = fields.find((field) => field.tag === OCTET_STRING);
  const [algorithm] = fields;
  const name = algorithm?.tag === SEQUENCE ? digestName(parseTlvs(algorithm.value)[0]?.value) : "sha256";
  if (hash === undefined || name === null) return false;
  return equalBytes(hash.value, createHash(name).update(certificate).digest());
}

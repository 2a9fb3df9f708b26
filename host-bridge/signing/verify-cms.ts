// Checks a detached CMS signature: that it is over this content, and by the key of the certificate that it carries.

import { constants, createHash, type KeyObject, X509Certificate as NodeCertificate, verify } from "node:crypto";
import { parseOneTlv } from "../../protocol/ber-tlv.ts";
import { equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { certificateParts } from "../pkcs11/objects/certificate-parts.ts";
import { type CmsSignature, type CmsSigner, parseCmsSignature } from "./cms-structure.ts";
import { type DigestName, digestNameOf } from "./digests.ts";
import { ID_SIGNING_CERTIFICATE_V2, namesCertificate } from "./signing-certificate.ts";

/** `altered`: the content is not what was signed; `forged`: the signature is not by that key; the others: it has no form that we accept. */
export type CmsProblem = "altered" | "forged" | "unreadable" | "no-signer-certificate" | "other-certificate" | "algorithm";

export interface CmsResult {
  readonly problem: CmsProblem | null;
  readonly signer: NodeCertificate | null;
  /** Every certificate that the signature carries and that can be read. */
  readonly certificates: readonly NodeCertificate[];
}

const ID_CONTENT_TYPE = "1.2.840.113549.1.9.3";
const ID_MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const ID_RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
const ID_RSA_PSS = "1.2.840.113549.1.1.10";
const RSA_WITH_DIGEST = /^1\.2\.840\.113549\.1\.1\.1[123]$/;
const ECDSA_WITH_DIGEST = /^1\.2\.840\.10045\.4\.3\.[234]$/;
/** id-data as an OBJECT IDENTIFIER, DER. */
const ID_DATA_DER = hexToBytes("06092a864886f70d010701");
const OCTET_STRING = 0x04;

/** null: absent. A repeated attribute, or one of several values, is unreadable: which of them would count? */
function attributeValue(signer: CmsSigner, oid: string): Uint8Array | null | "repeated" {
  const values = signer.attributes.filter((each) => each.oid === oid).flatMap((each) => each.values);
  return values.length > 1 ? "repeated" : (values[0] ?? null);
}

function verifySignature(signer: CmsSigner, digest: DigestName, key: KeyObject): boolean | null {
  const { signatureOid, signedBytes, signature } = signer;
  if (ECDSA_WITH_DIGEST.test(signatureOid) || signatureOid === ID_RSA_ENCRYPTION || RSA_WITH_DIGEST.test(signatureOid)) {
    return verify(digest, signedBytes, key, signature);
  }
  if (signatureOid !== ID_RSA_PSS) return null;
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
  return verify(digest, signedBytes, { key, ...padding }, signature);
}

function checkSigner(signer: CmsSigner, content: readonly Uint8Array[], certificate: NodeCertificate): CmsProblem | null {
  const digest = digestNameOf(signer.digestOid);
  if (digest === null) return "algorithm";
  const messageDigest = attributeValue(signer, ID_MESSAGE_DIGEST);
  const contentType = attributeValue(signer, ID_CONTENT_TYPE);
  const signingCertificate = attributeValue(signer, ID_SIGNING_CERTIFICATE_V2);
  if (messageDigest === null || contentType === null) return "unreadable";
  if (messageDigest === "repeated" || contentType === "repeated" || signingCertificate === "repeated") return "unreadable";
  if (!equalBytes(contentType, ID_DATA_DER)) return "unreadable";
  const hash = createHash(digest);
  for (const part of content) hash.update(part);
  if (!equalBytes(parseOneTlv(messageDigest, OCTET_STRING), hash.digest())) return "altered";
  const isByKey = verifySignature(signer, digest, certificate.publicKey);
  if (isByKey === null) return "algorithm";
  if (!isByKey) return "forged";
  return signingCertificate !== null && !namesCertificate(signingCertificate, certificate.raw) ? "other-certificate" : null;
}

/** Certificates that node:crypto can read; another one cannot be the signer's nor lead to a root. */
function readable(certificates: readonly Uint8Array[]): NodeCertificate[] {
  return certificates.flatMap((der) => {
    try {
      return [new NodeCertificate(der)];
    } catch {
      return [];
    }
  });
}

function isOf(signer: CmsSigner, certificate: NodeCertificate): boolean {
  const { issuer, serialNumber } = certificateParts(new Uint8Array(certificate.raw));
  return equalBytes(issuer, signer.issuer) && equalBytes(serialNumber, signer.serialNumber);
}

/** @param cms ContentInfo in DER; zeros behind it (the room that /Contents had) are ignored. @param content the signed bytes, in parts */
export function verifyCms(cms: Uint8Array, content: readonly Uint8Array[]): CmsResult {
  let parsed: CmsSignature;
  try {
    parsed = parseCmsSignature(cms);
  } catch {
    return { problem: "unreadable", signer: null, certificates: [] }; // whatever is wrong with its form
  }
  const certificates = readable(parsed.certificates);
  const signer = certificates.find((each) => isOf(parsed.signer, each)) ?? null;
  if (signer === null) return { problem: "no-signer-certificate", signer, certificates };
  try {
    return { problem: checkSigner(parsed.signer, content, signer), signer, certificates };
  } catch {
    return { problem: "unreadable", signer, certificates }; // a key or an attribute that cannot be decoded
  }
}

// Checks a detached CMS signature: that it is over this content, and by the key of the certificate that it carries.

import { constants, createHash, X509Certificate as NodeCertificate, verify } from "node:crypto";
import {
  type Attribute,
  ContentInfo,
  id_contentType,
  id_messageDigest,
  id_signedData,
  SignedData,
  type SignerInfo,
} from "@peculiar/asn1-cms";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { type DigestName, digestNameOf } from "./digests.ts";
import { ID_SIGNING_CERTIFICATE_V2, namesCertificate } from "./signing-certificate.ts";

/** `altered`: the content is not what was signed; `forged`: the signature is not by that key; the others: it has no form that we accept. */
export type CmsProblem = "altered" | "forged" | "unreadable" | "no-signer-certificate" | "other-certificate" | "algorithm";

export interface CmsResult {
  readonly problem: CmsProblem | null;
  readonly signer: NodeCertificate | null;
  /** Every certificate that the signature carries. */
  readonly certificates: readonly NodeCertificate[];
}

const ID_RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
const ID_RSA_PSS = "1.2.840.113549.1.1.10";
const ID_EC_PUBLIC_KEY = "1.2.840.10045.2.1";
const RSA_WITH_DIGEST = /^1\.2\.840\.113549\.1\.1\.1[123]$/;
const ECDSA_WITH_DIGEST = /^1\.2\.840\.10045\.4\.3\.[234]$/;
/** id-data as an OBJECT IDENTIFIER, DER. */
const ID_DATA_DER = hexToBytes("06092a864886f70d010701");
const SEQUENCE = 0x30;
const SET = 0x31;
/** signedAttrs [0] IMPLICIT. */
const SIGNED_ATTRIBUTES = 0xa0;

function attributeValue(attributes: readonly Attribute[], type: string): Uint8Array | null {
  const values = attributes.filter((each) => each.attrType === type).flatMap((each) => each.attrValues);
  return values.length === 1 && values[0] !== undefined ? new Uint8Array(values[0]) : null;
}

/**
 * The bytes that the signature is over: the signed attributes of the first signer as they stand in the file, tagged as a SET (RFC 5652 §5.4).
 * @throws MalformedError when the structure is not that of a ContentInfo
 */
function signedBytes(cms: Uint8Array): Uint8Array | null {
  const [, content] = parseTlvs(parseOneTlv(cms, SEQUENCE));
  const signedData = parseTlvs(parseOneTlv(content?.value ?? new Uint8Array(0), SEQUENCE));
  const signerInfos = signedData[signedData.length - 1];
  const [first] = parseTlvs(signerInfos?.value ?? new Uint8Array(0));
  const attributes = findTlv(parseTlvs(first?.value ?? new Uint8Array(0)), SIGNED_ATTRIBUTES);
  return attributes === null ? null : encodeTlv(SET, [attributes]);
}

function verifySignature(info: SignerInfo, digest: DigestName, bytes: Uint8Array, signer: NodeCertificate): boolean | null {
  const algorithm = info.signatureAlgorithm.algorithm;
  const signature = new Uint8Array(info.signature.buffer);
  const key = signer.publicKey;
  if (algorithm === ID_EC_PUBLIC_KEY || ECDSA_WITH_DIGEST.test(algorithm)) return verify(digest, bytes, key, signature);
  if (algorithm === ID_RSA_ENCRYPTION || RSA_WITH_DIGEST.test(algorithm)) return verify(digest, bytes, key, signature);
  if (algorithm !== ID_RSA_PSS) return null;
  const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
  return verify(digest, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
}

function findSigner(info: SignerInfo, certificates: readonly NodeCertificate[]): NodeCertificate | null {
  const sid = info.sid.issuerAndSerialNumber;
  if (sid === undefined) return null;
  const serial = BigInt(`0x${Buffer.from(sid.serialNumber).toString("hex")}`);
  return certificates.find((each) => BigInt(`0x${each.serialNumber}`) === serial) ?? null;
}

function checkSigner(cms: Uint8Array, info: SignerInfo, content: readonly Uint8Array[], signer: NodeCertificate): CmsProblem | null {
  const digest = digestNameOf(info.digestAlgorithm.algorithm);
  const bytes = signedBytes(cms);
  if (digest === null) return "algorithm";
  const attributes = info.signedAttrs ?? [];
  const messageDigest = attributeValue(attributes, id_messageDigest);
  const contentType = attributeValue(attributes, id_contentType);
  if (bytes === null || messageDigest === null || contentType === null || !equalBytes(contentType, ID_DATA_DER)) return "unreadable";
  const hash = createHash(digest);
  for (const part of content) hash.update(part);
  const claimed = new Uint8Array(AsnConvert.parse(messageDigest, OctetString).buffer);
  if (!equalBytes(claimed, hash.digest())) return "altered";
  const isByKey = verifySignature(info, digest, bytes, signer);
  if (isByKey === null) return "algorithm";
  if (!isByKey) return "forged";
  const signingCertificate = attributeValue(attributes, ID_SIGNING_CERTIFICATE_V2);
  return signingCertificate !== null && !namesCertificate(signingCertificate, signer.raw) ? "other-certificate" : null;
}

/** @param padded ContentInfo in DER; zeros behind it (the room that /Contents had) are ignored. @param content the signed bytes, in parts */
export function verifyCms(padded: Uint8Array, content: readonly Uint8Array[]): CmsResult {
  const cms = exactDer(padded);
  let signedData: SignedData;
  try {
    const info = AsnConvert.parse(cms, ContentInfo);
    if (info.contentType !== id_signedData) return { problem: "unreadable", signer: null, certificates: [] };
    signedData = AsnConvert.parse(info.content, SignedData);
  } catch {
    return { problem: "unreadable", signer: null, certificates: [] };
  }
  const certificates = (signedData.certificates ?? []).flatMap((each) =>
    each.certificate === undefined ? [] : [new NodeCertificate(Buffer.from(AsnConvert.serialize(each.certificate)))],
  );
  const [info, ...more] = signedData.signerInfos;
  if (info === undefined || more.length > 0) return { problem: "unreadable", signer: null, certificates };
  const signer = findSigner(info, certificates);
  if (signer === null) return { problem: "no-signer-certificate", signer, certificates };
  try {
    return { problem: checkSigner(cms, info, content, signer), signer, certificates };
  } catch {
    return { problem: "unreadable", signer, certificates };
  }
}

/** The first DER value: its length says where it ends. */
function exactDer(bytes: Uint8Array): Uint8Array {
  const first = bytes[1] ?? 0;
  if (first < 0x80) return bytes.subarray(0, 2 + first);
  const count = first & 0x7f;
  const length = Buffer.from(bytes.buffer, bytes.byteOffset).readUIntBE(2, Math.min(count, 6));
  return bytes.subarray(0, 2 + count + length);
}

// A CAdES-B signature, detached: CMS SignedData (RFC 5652) with the signed attributes that PAdES-B-B asks for and no others (ETSI EN
// 319 142-1 §6.3: content-type, message-digest, signing-certificate-v2; no signing-time, the time is /M in the PDF).

import { createHash } from "node:crypto";
import {
  Attribute,
  CertificateChoices,
  CertificateSet,
  CMSVersion,
  ContentInfo,
  DigestAlgorithmIdentifiers,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  id_contentType,
  id_data,
  id_messageDigest,
  id_signedData,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
} from "@peculiar/asn1-cms";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, Certificate } from "@peculiar/asn1-x509";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { certifiedRsaKey } from "../rsa/rsa-public-key.ts";
import { ID_SHA256 } from "./digests.ts";
import type { DigestSigner } from "./signer.ts";
import { encodeSigningCertificate, ID_SIGNING_CERTIFICATE_V2 } from "./signing-certificate.ts";

/** Without parameters (RFC 5754 §3.3). */
const ECDSA_WITH_SHA256 = new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" });
/** With NULL (§3.2). */
const RSA_WITH_SHA256 = new AlgorithmIdentifier({ algorithm: "1.2.840.113549.1.1.11", parameters: null });
/** id-data as an OBJECT IDENTIFIER, DER. */
const ID_DATA_DER = hexToBytes("06092a864886f70d010701");
const SET = 0x31;
const OCTET_STRING = 0x04;

const exact = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** The signed attributes in the order of DER's SET OF (X.690 §11.6): the signature is over that. */
function signedAttributes(messageDigest: Uint8Array, certificate: Uint8Array): { attributes: Attribute[]; der: Uint8Array } {
  const attribute = (attrType: string, value: Uint8Array): Attribute => new Attribute({ attrType, attrValues: [exact(value)] });
  const encoded = [
    attribute(id_contentType, ID_DATA_DER),
    attribute(id_messageDigest, encodeTlv(OCTET_STRING, [messageDigest])),
    attribute(ID_SIGNING_CERTIFICATE_V2, encodeSigningCertificate(certificate)),
  ].map((each) => ({ each, der: Buffer.from(AsnConvert.serialize(each)) }));
  encoded.sort((a, b) => Buffer.compare(a.der, b.der));
  return {
    attributes: encoded.map(({ each }) => each),
    der: encodeTlv(
      SET,
      encoded.map(({ der }) => der),
    ),
  };
}

const isRsa = (certificate: Uint8Array): boolean => certifiedRsaKey(certificate) !== null;

/** @param content the signed bytes, in parts that follow one another. The answer is ContentInfo, DER. */
export async function signCades(content: readonly Uint8Array[], signer: DigestSigner): Promise<Uint8Array> {
  const hash = createHash("sha256");
  for (const part of content) hash.update(part);
  const { attributes, der } = signedAttributes(hash.digest(), signer.certificate);
  const signature = await signer.signDigest(createHash("sha256").update(der).digest());
  const { tbsCertificate } = AsnConvert.parse(signer.certificate, Certificate);
  const sha256 = new AlgorithmIdentifier({ algorithm: ID_SHA256 });
  const signerInfo = new SignerInfo({
    version: CMSVersion.v1,
    sid: new SignerIdentifier({
      issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer: tbsCertificate.issuer, serialNumber: tbsCertificate.serialNumber }),
    }),
    digestAlgorithm: sha256,
    signedAttrs: attributes,
    signatureAlgorithm: isRsa(signer.certificate) ? RSA_WITH_SHA256 : ECDSA_WITH_SHA256,
    signature: new OctetString(exact(signature)),
  });
  const certificates = [signer.certificate, ...signer.issuers].map(
    (each) => new CertificateChoices({ certificate: AsnConvert.parse(each, Certificate) }),
  );
  const signedData = new SignedData({
    version: CMSVersion.v1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([sha256]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: id_data }),
    certificates: new CertificateSet(certificates),
    signerInfos: new SignerInfos([signerInfo]),
  });
  return new Uint8Array(AsnConvert.serialize(new ContentInfo({ contentType: id_signedData, content: AsnConvert.serialize(signedData) })));
}

// CMS signatures by a key in memory, and changed ones.

import { sign, X509Certificate } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { CertificateChoices, CertificateSet, ContentInfo, SignedData } from "@peculiar/asn1-cms";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import type { DigestSigner } from "../../host-bridge/signing/signer.ts";
import { encodeTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { concatBytes } from "../../protocol/bytes.ts";
import type { Issued } from "./test-certificates.ts";

/** node:crypto makes the key, and cannot sign a digest that is there already: @noble/curves does. */
export function softwareSigner(issued: Issued, issuers: readonly Uint8Array[] = []): DigestSigner {
  const { d = "" } = issued.privateKey.export({ format: "jwk" });
  const key = new Uint8Array(Buffer.from(d, "base64url"));
  return {
    certificate: issued.der,
    issuers,
    signDigest: async (digest) => p256.sign(new Uint8Array(digest), key, { prehash: false, format: "der" }),
  };
}

/** The same signature with other certificates beside it. */
export function replaceCertificates(cms: Uint8Array, certificates: readonly Uint8Array[]): Uint8Array {
  const info = AsnConvert.parse(cms, ContentInfo);
  const signedData = AsnConvert.parse(info.content, SignedData);
  signedData.certificates = new CertificateSet(
    certificates.map((der) => new CertificateChoices({ certificate: AsnConvert.parse(der, Certificate) })),
  );
  info.content = AsnConvert.serialize(signedData);
  return new Uint8Array(AsnConvert.serialize(info));
}

/**
 * The same certificate with an extension that says «critical FALSE» in so many words: BER, not DER (X.690 §11.5), and accepted by openssl.
 */
export async function withExplicitDefault(issued: Issued, issuer: Issued): Promise<Issued> {
  const [tbs, algorithm] = parseTlvs(parseOneTlv(issued.der, 0x30));
  if (tbs === undefined || algorithm === undefined) throw new Error("not a certificate");
  const fields = parseTlvs(tbs.value).map(({ tag, value }) => encodeTlv(tag, [value]));
  const subjectAltName = Buffer.from("0603551d11" + "010100" + "0409300781056140622e63", "hex");
  const extensions = encodeTlv(0xa3, [encodeTlv(0x30, [encodeTlv(0x30, [subjectAltName])])]);
  const fresh = encodeTlv(0x30, [...fields.filter((field) => field[0] !== 0xa3), extensions]);
  const signature = encodeTlv(0x03, [concatBytes([new Uint8Array(1), sign("sha256", fresh, issuer.privateKey)])]);
  const der = encodeTlv(0x30, [fresh, encodeTlv(0x30, [algorithm.value]), signature]);
  return { ...issued, der, certificate: new X509Certificate(der) };
}

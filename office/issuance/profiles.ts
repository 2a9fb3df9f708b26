// The certificate profiles (RFC 5280, ETSI EN 319 412-2). The office's pages call the longer one «niveau QCP, non qualifié»: nothing here
// claims a qualified certificate, so no QcStatements, and policy identifiers of our own, made from UUIDs.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CertificatePolicyExtension,
  CRLDistributionPointsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
} from "@peculiar/x509";

/**
 * Signing on documents, LCP level: UUID f5778558-7cbe-4c59-826a-a92537eba7d5, in pieces under 1.2.840.113556.1.8000.2554 (Microsoft's arc for that).
 * Not as one number under 2.25 (ITU-T X.667): Go and Python's cryptography refuse certificates with a number so long.
 */
export const POLICY_SIGN_LCP = "1.2.840.113556.1.8000.2554.62839.34136.31934.19545.33386.11085111.15443925";

export const ROOT_YEARS = 20;
export const ISSUER_YEARS = 10;
export const SIGN_LCP_YEARS = 3;

/** Where a certificate's status is published: under the office's public address. */
export interface StatusAddresses {
  readonly crl: string;
  readonly ocsp: string;
  readonly issuerCertificate: string;
}

export function statusAddresses(publicUrl: string, issuerName: "root" | "issuing"): StatusAddresses {
  const base = publicUrl.replace(/\/$/, "");
  return { crl: `${base}/crl/${issuerName}.crl`, ocsp: `${base}/ocsp/${issuerName}`, issuerCertificate: `${base}/ca/${issuerName}.cer` };
}

/** Root: signs issuing CAs and its CRL, nothing else. */
export async function rootExtensions(key: PublicKey): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(key),
  ];
}

/** Issuing CA: no further CA below it. */
export async function issuerExtensions(key: PublicKey, rootKey: PublicKey, status: StatusAddresses): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(key),
    await AuthorityKeyIdentifierExtension.create(rootKey),
    new CertificatePolicyExtension(["2.5.29.32.0"]), // anyPolicy
    new CRLDistributionPointsExtension([status.crl]),
    new AuthorityInfoAccessExtension({ caIssuers: status.issuerCertificate }),
  ];
}

/**
 * SIGN: nonRepudiation alone, critical; never used to log in. Extended usage is emailProtection: without any, NSS's path validation (3.87,
 * as pdfsig calls it) ends in SEC_ERROR_EXTENSION_NOT_FOUND instead of an answer.
 */
export async function signingExtensions(
  key: PublicKey,
  issuerKey: PublicKey,
  email: string,
  status: StatusAddresses,
): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.nonRepudiation, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.emailProtection]),
    await SubjectKeyIdentifierExtension.create(key),
    await AuthorityKeyIdentifierExtension.create(issuerKey),
    new SubjectAlternativeNameExtension([{ type: "email", value: email }]),
    new CertificatePolicyExtension([POLICY_SIGN_LCP]),
    new CRLDistributionPointsExtension([status.crl]),
    new AuthorityInfoAccessExtension({ ocsp: status.ocsp, caIssuers: status.issuerCertificate }),
  ];
}

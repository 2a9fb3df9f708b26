// The certificate profiles (RFC 5280, ETSI EN 319 412-2). The office's pages call the longer one «niveau QCP, non qualifié»: nothing here
// claims a qualified certificate, so no QcStatements, and policy identifiers of our own, made from UUIDs.

import { createHash, type KeyObject } from "node:crypto";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CertificatePolicyExtension,
  CRLDistributionPointsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
} from "@peculiar/x509";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { ecdsaOf, spkiOf } from "./ca-key.ts";

// A UUID in pieces under 1.2.840.113556.1.8000.2554 (Microsoft's arc for that). Not as one number under 2.25 (ITU-T X.667): Go and Python's
// cryptography refuse certificates with a number so long.
/** Signing on documents, LCP level: UUID f5778558-7cbe-4c59-826a-a92537eba7d5. */
export const POLICY_SIGN_LCP = "1.2.840.113556.1.8000.2554.62839.34136.31934.19545.33386.11085111.15443925";
/** Signing on documents, checked as for QCP, not qualified: UUID c045ccd5-9739-4102-b3e5-6440e937e560. */
export const POLICY_SIGN_QCP = "1.2.840.113556.1.8000.2554.49221.52437.38713.16642.46053.6570217.3663200";
/** Login of officers and holders: UUID fdc570ed-64ec-43ab-9226-5538468d76d3. */
export const POLICY_AUTH = "1.2.840.113556.1.8000.2554.64965.28909.25836.17323.37414.5584966.9270995";

export const ROOT_YEARS = 20;
export const ISSUER_YEARS = 10;

/** What a person's certificate is for; the names are those that the store has. */
export type PersonProfile = "SIGN-LCP" | "SIGN-QCP" | "AUTH";

interface ProfileFields {
  readonly years: number;
  readonly policy: string;
  /** The one of the token's slots whose key it may certify (PIV). */
  readonly slot: number;
  readonly keyUsage: KeyUsageFlags;
  readonly extendedKeyUsage: ExtendedKeyUsage;
}

// Nothing that signs documents ever logs in, and the other way round. SIGN: without any extended usage, NSS's path validation (3.87, as pdfsig
// calls it) ends in SEC_ERROR_EXTENSION_NOT_FOUND instead of an answer.
const SIGN = { slot: SLOT_SIGNATURE, keyUsage: KeyUsageFlags.nonRepudiation, extendedKeyUsage: ExtendedKeyUsage.emailProtection };
const AUTH = { slot: SLOT_AUTHENTICATION, keyUsage: KeyUsageFlags.digitalSignature, extendedKeyUsage: ExtendedKeyUsage.clientAuth };

export const PERSON_PROFILES: Readonly<Record<PersonProfile, ProfileFields>> = {
  "SIGN-LCP": { ...SIGN, years: 3, policy: POLICY_SIGN_LCP },
  "SIGN-QCP": { ...SIGN, years: 5, policy: POLICY_SIGN_QCP },
  AUTH: { ...AUTH, years: 3, policy: POLICY_AUTH },
};

export const isPersonProfile = (text: string): text is PersonProfile => Object.hasOwn(PERSON_PROFILES, text);

/** Where a certificate's status is published: under the office's public address. */
export interface StatusAddresses {
  readonly crl: string;
  readonly ocsp: string;
  readonly issuerCertificate: string;
}

/** @param issuerName root, issuing, issuing-2, … */
export function statusAddresses(publicUrl: string, issuerName: string): StatusAddresses {
  const base = publicUrl.replace(/\/$/, "");
  return { crl: `${base}/crl/${issuerName}.crl`, ocsp: `${base}/ocsp/${issuerName}`, issuerCertificate: `${base}/ca/${issuerName}.cer` };
}

const POINT_BYTES = { "P-256": 65, "P-384": 97 } as const;

/** RFC 5280 §4.2.1.2, method 1. Hexadecimal. */
export function keyIdentifierOf(key: KeyObject): string {
  const point = spkiOf(key).slice(-POINT_BYTES[ecdsaOf(key).curve]);
  return createHash("sha1").update(point).digest("hex");
}

const subjectKey = (key: KeyObject): Extension => new SubjectKeyIdentifierExtension(keyIdentifierOf(key));
const authorityKey = (key: KeyObject): Extension => new AuthorityKeyIdentifierExtension(keyIdentifierOf(key));

/** Root: signs issuing CAs and its CRL, nothing else. */
export function rootExtensions(key: KeyObject): Extension[] {
  return [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    subjectKey(key),
  ];
}

/** Issuing CA: no further CA below it. */
export function issuerExtensions(key: KeyObject, rootKey: KeyObject, status: StatusAddresses): Extension[] {
  return [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    subjectKey(key),
    authorityKey(rootKey),
    new CertificatePolicyExtension(["2.5.29.32.0"]), // anyPolicy
    new CRLDistributionPointsExtension([status.crl]),
    new AuthorityInfoAccessExtension({ caIssuers: status.issuerCertificate }),
  ];
}

export function personExtensions(
  profile: PersonProfile,
  key: KeyObject,
  issuerKey: KeyObject,
  email: string,
  status: StatusAddresses,
): Extension[] {
  const { keyUsage, extendedKeyUsage, policy } = PERSON_PROFILES[profile];
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(keyUsage, true),
    new ExtendedKeyUsageExtension([extendedKeyUsage]),
    subjectKey(key),
    authorityKey(issuerKey),
    new SubjectAlternativeNameExtension([{ type: "email", value: email }]),
    new CertificatePolicyExtension([policy]),
    new CRLDistributionPointsExtension([status.crl]),
    new AuthorityInfoAccessExtension({ ocsp: status.ocsp, caIssuers: status.issuerCertificate }),
  ];
}

/** RFC 6960 §4.2.2.2.1: nobody asks for the status of the one who tells it; its certificate is short-lived instead. */
const ID_PKIX_OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5";
const NULL = Uint8Array.of(0x05, 0);

/** The delegated OCSP responder (RFC 6960 §4.2.2.2). */
export function responderExtensions(key: KeyObject, issuerKey: KeyObject): Extension[] {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.ocspSigning], true),
    subjectKey(key),
    authorityKey(issuerKey),
    new Extension(ID_PKIX_OCSP_NOCHECK, false, NULL),
  ];
}

const ID_CRL_NUMBER = "2.5.29.20";
/** ISO/IEC 9594-8 §9.5.2.12, asked for by ETSI EN 319 411-1 §6.3.9 where entries are kept. */
const ID_EXPIRED_CERTS_ON_CRL = "2.5.29.60";
const INTEGER = 0x02;
const GENERALIZED_TIME = 0x18;

function derUnsigned(value: number): Uint8Array {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return encodeTlv(INTEGER, (bytes[0] ?? 0) & 0x80 ? [new Uint8Array(1), bytes] : [bytes]);
}

/** YYYYMMDDHHMMSSZ */
const derTime = (date: Date): Uint8Array =>
  encodeTlv(GENERALIZED_TIME, [Buffer.from(`${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`)]);

/** @param keptSince since when entries are kept beyond the expiry of their certificates */
export function crlExtensions(issuerKey: KeyObject, number: number, keptSince: Date): Extension[] {
  return [
    authorityKey(issuerKey),
    new Extension(ID_CRL_NUMBER, false, derUnsigned(number)),
    new Extension(ID_EXPIRED_CERTS_ON_CRL, false, derTime(keptSince)),
  ];
}

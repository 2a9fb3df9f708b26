// The attestation key of a token (slot F9) by its certificate, up to the root that the factory named. Only revocation is not asked: an attestation
// root publishes none; one that is not believed any more is left out of the trusted ones.

import { createHash, type KeyObject } from "node:crypto";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { P256_POINT_BYTES } from "../../protocol/piv.ts";
import {
  BIT_STRING,
  BOOLEAN,
  type CertificateExtension,
  type CertificateStructure,
  commonNameIn,
  derBoolean,
  derElements,
  derUnsigned,
  derValue,
  INTEGER,
  isIssuedBy,
  OCTET_STRING,
  parseCertificate,
  SEQUENCE,
  serialNumberIn,
} from "./certificate-structure.ts";

/**
 * `unreadable`: no attestation, or one of a form that is not known; `unknown-version`: of a later version; `no-attestation-key`: the attestation
 * key's certificate cannot be read, or is none of one; `forged`: not signed by that key; `other-serial`: the attestation names another token than
 * that certificate; `untrusted`: the attestation key's certificate does not come from a trusted root; `not-a-ca`: the root may not issue it;
 * `expired`, `not-yet-valid`: one of the certificates is; `simulator-root`: a simulator's root vouches for what says that it is none.
 */
export type AttestationProblem =
  | "unreadable"
  | "unknown-version"
  | "no-attestation-key"
  | "forged"
  | "other-serial"
  | "untrusted"
  | "not-a-ca"
  | "expired"
  | "not-yet-valid"
  | "simulator-root";

export class AttestationError extends Error {
  override readonly name = "AttestationError";
  readonly problem: AttestationProblem;
  constructor(problem: AttestationProblem, options?: ErrorOptions) {
    super(`attestation refused: ${problem}`, options);
    this.problem = problem;
  }
}

export interface AttestationTrust {
  /** Certificates, DER. */
  readonly roots: readonly Uint8Array[];
  /** The moment at which all certificates must be valid. */
  readonly at: Date;
}

/** A token's attestation key, vouched for by a root. */
export interface AttestationKey {
  /** Of the token: decimal digits. */
  readonly serial: string;
  /** What the factory wrote of the token; empty: it wrote nothing. */
  readonly model: string;
  /** Uncompressed point of P-256. */
  readonly point: Uint8Array;
  readonly publicKey: KeyObject;
  /** The certificate of the root that vouches for it, DER. */
  readonly root: Uint8Array;
  /** The root is that of `sceau sim`: whoever has its state folder has the root's key, so that it can vouch for simulated tokens only. */
  readonly isOfSimulator: boolean;
}

/** Name of the root that `sceau sim` makes in its state folder. */
export const SIMULATOR_ROOT = "simulator";

/** The commonName of an attestation key's certificate, before the token's model. */
export const KEY_COMMON_NAME = "Attestation key of ";

/** The commonName of the root of this name. */
export const rootCommonName = (name: string): string => `${name} attestation root`;

// Contents of OBJECT IDENTIFIERs
const ID_SUBJECT_KEY_IDENTIFIER = "551d0e";
const ID_KEY_USAGE = "551d0f";
export const ID_BASIC_CONSTRAINTS = "551d13";
export const ID_AUTHORITY_KEY_IDENTIFIER = "551d23";
/** BasicConstraints: a CA with no other below it. */
const LAST_CA = "30060101ff020100";
/** KeyUsage: digitalSignature (of statements) and keyCertSign. */
const ATTESTATION_KEY_USAGE = "03020284";
/** keyCertSign, bit 5 of the first byte. */
const KEY_CERT_SIGN = 0x04;

export interface ExpectedExtension {
  readonly id: string;
  readonly isCritical: boolean;
  /** Hexadecimal; null: any. */
  readonly value: string | null;
}

/** RFC 7093 §2, method 1: by this rule the token names its attestation key, and the factory writes it into that key's certificate. */
export function keyIdentifier(point: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(point).digest().subarray(0, 20));
}

function attestationKeyExtensions(point: Uint8Array): readonly ExpectedExtension[] {
  return [
    { id: ID_BASIC_CONSTRAINTS, isCritical: true, value: LAST_CA },
    { id: ID_KEY_USAGE, isCritical: true, value: ATTESTATION_KEY_USAGE },
    { id: ID_SUBJECT_KEY_IDENTIFIER, isCritical: false, value: bytesToHex(encodeTlv(OCTET_STRING, [keyIdentifier(point)])) },
    { id: ID_AUTHORITY_KEY_IDENTIFIER, isCritical: false, value: null },
  ];
}

/** Exactly these extensions, in any order, with these values. @throws MalformedError */
export function checkExtensions(extensions: readonly CertificateExtension[], expected: readonly ExpectedExtension[]): void {
  if (extensions.length !== expected.length) throw new MalformedError("other extensions than there should be");
  for (const { id, isCritical, value } of expected) {
    const found = extensions.find((each) => each.id === id);
    if (found?.isCritical !== isCritical) throw new MalformedError("an extension is missing");
    if (value !== null && bytesToHex(found.value) !== value) throw new MalformedError("an extension says something else");
  }
}

export const extensionValue = ({ extensions }: CertificateStructure, id: string): Uint8Array =>
  extensions.find((each) => each.id === id)?.value ?? new Uint8Array(0);

/** Runs a strict parser. @throws AttestationError `problem` instead of MalformedError */
export function readAs<T>(problem: AttestationProblem, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof MalformedError) throw new AttestationError(problem, { cause });
    throw cause;
  }
}

export interface AttestationKeyCertificate {
  readonly certificate: CertificateStructure;
  readonly serial: string;
  readonly model: string;
}

function modelIn(subject: Uint8Array): string {
  const name = commonNameIn(subject) ?? "";
  return name.startsWith(KEY_COMMON_NAME) ? name.slice(KEY_COMMON_NAME.length) : "";
}

export function parseAttestationKey(der: Uint8Array): AttestationKeyCertificate {
  return readAs("no-attestation-key", () => {
    const certificate = parseCertificate(der);
    checkExtensions(certificate.extensions, attestationKeyExtensions(certificate.point));
    const serial = serialNumberIn(certificate.subject);
    const isSound = serial !== null && String(Number(serial) >>> 0) === serial && certificate.point.length === P256_POINT_BYTES;
    if (!isSound) throw new MalformedError("no certificate of an attestation key");
    return { certificate, serial, model: modelIn(certificate.subject) };
  });
}

/** Null: it cannot be read, or has a kind of key that attestation roots do not have. */
function parseRoot(der: Uint8Array): CertificateStructure | null {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/** A CA with room for one CA below it (RFC 5280 §4.2.1.9), whose key signs certificates. */
function mayIssueAttestationKeys(root: CertificateStructure): boolean {
  try {
    const [isCa, pathLength] = derElements(derValue(extensionValue(root, ID_BASIC_CONSTRAINTS), SEQUENCE));
    const [, usages = 0] = derValue(extensionValue(root, ID_KEY_USAGE), BIT_STRING);
    const isLongEnough = pathLength === undefined || (pathLength.tag === INTEGER && derUnsigned(pathLength.value) >= 1);
    return isCa?.tag === BOOLEAN && derBoolean(isCa.value) && isLongEnough && (usages & KEY_CERT_SIGN) !== 0;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

export function checkValidity({ notBefore, notAfter }: CertificateStructure, at: Date): void {
  if (at > notAfter) throw new AttestationError("expired");
  if (at < notBefore) throw new AttestationError("not-yet-valid");
}

/** @throws AttestationError untrusted, not-a-ca, expired, not-yet-valid */
function issuerIn(candidate: Uint8Array, certificate: CertificateStructure, at: Date): CertificateStructure {
  const issuer = parseRoot(candidate);
  if (issuer === null || !isIssuedBy(certificate, issuer)) throw new AttestationError("untrusted");
  if (!mayIssueAttestationKeys(issuer)) throw new AttestationError("not-a-ca");
  checkValidity(issuer, at);
  return issuer;
}

const isSimulatorRoot = ({ subject }: CertificateStructure): boolean =>
  readAs("untrusted", () => commonNameIn(subject)) === rootCommonName(SIMULATOR_ROOT);

/** One root that vouches for it is enough: an older certificate of the same root, expired, may be among them. */
export function vouchedFor({ certificate, serial, model }: AttestationKeyCertificate, { roots, at }: AttestationTrust): AttestationKey {
  let problem = new AttestationError("untrusted");
  for (const root of roots) {
    try {
      const isOfSimulator = isSimulatorRoot(issuerIn(root, certificate, at));
      checkValidity(certificate, at);
      return { serial, model, point: certificate.point, publicKey: certificate.publicKey, root, isOfSimulator };
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      if (problem.problem === "untrusted") problem = error;
    }
  }
  throw problem;
}

/**
 * The attestation key of a certificate (slot F9, DER) that one of the roots has issued: whoever checks what the key has signed begins here.
 * @throws AttestationError no-attestation-key, untrusted, not-a-ca, expired, not-yet-valid
 */
export function verifyAttestationKey(certificate: Uint8Array, trust: AttestationTrust): AttestationKey {
  return vouchedFor(parseAttestationKey(certificate), trust);
}

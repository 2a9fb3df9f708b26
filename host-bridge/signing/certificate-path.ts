// From a signer's certificate to a root that one trusts (RFC 5280 §6, without revocation: that is asked of the office, not of the file).

import "reflect-metadata"; // before @peculiar/x509, which needs it
import type { X509Certificate as NodeCertificate } from "node:crypto";
import { BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, X509Certificate } from "@peculiar/x509";

/** `untrusted`: no path to a trusted root; the others name what is wrong with the path that there is. */
export type PathProblem = "untrusted" | "expired" | "not-yet-valid" | "not-a-ca" | "key-usage" | "unknown-critical-extension";

export interface CertificatePath {
  /** Signer first, root last; as far as it could be followed. */
  readonly certificates: readonly NodeCertificate[];
  readonly problem: PathProblem | null;
}

const MAX_PATH_LENGTH = 6;
/** Certificates of one issuer that are tried: a signature may carry any number. */
const MAX_ISSUERS = 3;
/** Extensions that a critical flag does not stop (RFC 5280 §4.2): checked here, or without meaning for a signature on a document. */
const KNOWN_EXTENSIONS = new Set([
  "2.5.29.14", // subjectKeyIdentifier
  "2.5.29.15", // keyUsage
  "2.5.29.17", // subjectAltName
  "2.5.29.19", // basicConstraints
  "2.5.29.31", // cRLDistributionPoints
  "2.5.29.32", // certificatePolicies
  "2.5.29.35", // authorityKeyIdentifier
  "2.5.29.37", // extKeyUsage
]);

function issuedBy(certificate: NodeCertificate, issuer: NodeCertificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

const sameCertificate = (a: NodeCertificate, b: NodeCertificate): boolean => a.fingerprint256 === b.fingerprint256;

/** Every way upwards from the end of `path`, to a root or as far as it goes: a renewed CA has two certificates, and one may have expired. */
function pathsFrom(
  path: readonly NodeCertificate[],
  others: readonly NodeCertificate[],
  roots: readonly NodeCertificate[],
): NodeCertificate[][] {
  const last = path[path.length - 1] as NodeCertificate;
  if (roots.some((root) => sameCertificate(root, last)) || path.length >= MAX_PATH_LENGTH) return [[...path]];
  const isNew = (candidate: NodeCertificate): boolean => !path.some((each) => sameCertificate(each, candidate));
  const issuers = [...roots, ...others].filter((candidate) => isNew(candidate) && issuedBy(last, candidate)).slice(0, MAX_ISSUERS);
  return issuers.length === 0 ? [[...path]] : issuers.flatMap((issuer) => pathsFrom([...path, issuer], others, roots));
}

function mayIssue(certificate: X509Certificate, certificatesBelow: number): boolean {
  const constraints = certificate.getExtension(BasicConstraintsExtension);
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? 0;
  const isLongEnough = constraints?.pathLength === undefined || certificatesBelow <= constraints.pathLength;
  return constraints?.ca === true && isLongEnough && (usages & KeyUsageFlags.keyCertSign) !== 0;
}

/** Extended usages that a signature on a document may have; a certificate that has others alone was made for something else (a login, a server). */
const DOCUMENT_USAGES = new Set([
  "1.3.6.1.5.5.7.3.4", // emailProtection
  "1.3.6.1.5.5.7.3.36", // documentSigning, RFC 9336
  "2.5.29.37.0", // anyExtendedKeyUsage
  "1.2.840.113583.1.1.5", // Adobe: authentic documents
  "1.3.6.1.4.1.311.10.3.12", // Microsoft: document signing
]);

/** Without keyUsage, or without extended usages, a key may do anything (RFC 5280 §4.2.1.3, §4.2.1.12). */
function maySignDocuments(certificate: X509Certificate): boolean {
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? KeyUsageFlags.nonRepudiation;
  const extended = certificate.getExtension(ExtendedKeyUsageExtension)?.usages ?? ["2.5.29.37.0"];
  const maySign = (usages & (KeyUsageFlags.nonRepudiation | KeyUsageFlags.digitalSignature)) !== 0;
  return maySign && extended.some((usage) => DOCUMENT_USAGES.has(String(usage)));
}

function problemOf(certificate: NodeCertificate, index: number, at: Date): PathProblem | null {
  const parsed = new X509Certificate(new Uint8Array(certificate.raw));
  if (at > parsed.notAfter) return "expired";
  if (at < parsed.notBefore) return "not-yet-valid";
  if (parsed.extensions.some((extension) => extension.critical && !KNOWN_EXTENSIONS.has(extension.type)))
    return "unknown-critical-extension";
  if (index === 0) return maySignDocuments(parsed) ? null : "key-usage";
  // Between this one and the signer lie index − 1 intermediate certificates.
  return mayIssue(parsed, index - 1) ? null : "not-a-ca";
}

function checkPath(certificates: readonly NodeCertificate[], roots: readonly NodeCertificate[], at: Date): CertificatePath {
  for (const [index, certificate] of certificates.entries()) {
    const problem = problemOf(certificate, index, at);
    if (problem !== null) return { certificates, problem };
  }
  const last = certificates[certificates.length - 1] as NodeCertificate;
  return { certificates, problem: roots.some((root) => sameCertificate(root, last)) ? null : "untrusted" };
}

/** The best of all paths: one without a problem, else one that ends at a root, else any. @param at the moment at which all must be valid */
export function buildPath(
  signer: NodeCertificate,
  others: readonly NodeCertificate[],
  roots: readonly NodeCertificate[],
  at: Date,
): CertificatePath {
  const paths = pathsFrom([signer], others, roots).map((certificates) => checkPath(certificates, roots, at));
  const sound = paths.find((path) => path.problem === null);
  const toRoot = paths.find((path) => path.problem !== "untrusted");
  return sound ?? toRoot ?? (paths[0] as CertificatePath);
}

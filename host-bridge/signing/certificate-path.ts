// From a signer's certificate to a root that one trusts (RFC 5280 §6, without revocation: that is asked of the office, not of the file).

import "reflect-metadata"; // before @peculiar/x509, which needs it
import type { X509Certificate as NodeCertificate } from "node:crypto";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, X509Certificate } from "@peculiar/x509";

/** `untrusted`: no path to a trusted root; the others name what is wrong with the path that there is. */
export type PathProblem = "untrusted" | "expired" | "not-yet-valid" | "not-a-ca" | "key-usage" | "unknown-critical-extension";

export interface CertificatePath {
  /** Signer first, root last; as far as it could be followed. */
  readonly certificates: readonly NodeCertificate[];
  readonly problem: PathProblem | null;
}

const MAX_PATH_LENGTH = 8;
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

function findPath(signer: NodeCertificate, others: readonly NodeCertificate[], roots: readonly NodeCertificate[]): NodeCertificate[] {
  const path = [signer];
  while (path.length < MAX_PATH_LENGTH) {
    const last = path[path.length - 1] as NodeCertificate;
    const root = roots.find((candidate) => candidate.fingerprint256 === last.fingerprint256 || issuedBy(last, candidate));
    if (root !== undefined) return root.fingerprint256 === last.fingerprint256 ? path : [...path, root];
    const issuer = others.find(
      (candidate) => !path.some((each) => each.fingerprint256 === candidate.fingerprint256) && issuedBy(last, candidate),
    );
    if (issuer === undefined) return path;
    path.push(issuer);
  }
  return path;
}

function mayIssue(certificate: X509Certificate, certificatesBelow: number): boolean {
  const constraints = certificate.getExtension(BasicConstraintsExtension);
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? 0;
  const isLongEnough = constraints?.pathLength === undefined || certificatesBelow <= constraints.pathLength;
  return constraints?.ca === true && isLongEnough && (usages & KeyUsageFlags.keyCertSign) !== 0;
}

/** Without keyUsage a key may do anything (RFC 5280 §4.2.1.3). */
function maySignDocuments(certificate: X509Certificate): boolean {
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? KeyUsageFlags.nonRepudiation;
  return (usages & (KeyUsageFlags.nonRepudiation | KeyUsageFlags.digitalSignature)) !== 0;
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

/** @param at the moment at which all certificates must be valid */
export function buildPath(
  signer: NodeCertificate,
  others: readonly NodeCertificate[],
  roots: readonly NodeCertificate[],
  at: Date,
): CertificatePath {
  const certificates = findPath(signer, others, roots);
  const last = certificates[certificates.length - 1];
  for (const [index, certificate] of certificates.entries()) {
    const problem = problemOf(certificate, index, at);
    if (problem !== null) return { certificates, problem };
  }
  const isTrusted = roots.some((root) => root.fingerprint256 === last?.fingerprint256);
  return { certificates, problem: isTrusted ? null : "untrusted" };
}

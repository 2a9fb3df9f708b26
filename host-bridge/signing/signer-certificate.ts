// The certificate that somebody signs with: is it for signing, is it valid, who issued it.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate as NodeCertificate } from "node:crypto";
import { KeyUsageFlags, KeyUsagesExtension, X509Certificate } from "@peculiar/x509";
import { SigningError } from "./signing-error.ts";

/** @param der of a certificate that can be read */
export function isForSigning(der: Uint8Array): boolean {
  const usages = new X509Certificate(new Uint8Array(der)).getExtension(KeyUsagesExtension)?.usages ?? 0;
  return (usages & KeyUsageFlags.nonRepudiation) !== 0;
}

/** The issuers on the way from a certificate upwards, nearest first; a root (its own issuer) is left out. */
export function issuersOf(certificate: Uint8Array, known: readonly Uint8Array[]): Uint8Array[] {
  const path: Uint8Array[] = [];
  let last = new NodeCertificate(certificate);
  for (let step = 0; step < known.length; step++) {
    const issuer = known.find((candidate) => last.checkIssued(new NodeCertificate(candidate)));
    if (issuer === undefined) break;
    last = new NodeCertificate(issuer);
    if (last.checkIssued(last)) break;
    path.push(issuer);
  }
  return path;
}

/** @throws SigningError expired, not-yet-valid */
export function checkValidity(certificate: NodeCertificate, now: Date): void {
  if (now > new Date(certificate.validTo)) throw new SigningError("expired", certificate.validTo);
  if (now < new Date(certificate.validFrom)) throw new SigningError("not-yet-valid", certificate.validFrom);
}

// The certificate of the OCSP responder: delegated by an issuing CA to the one key that the status service has (RFC 6960 §4.2.2.2). It cannot be
// revoked (id-pkix-ocsp-nocheck), so it lives for two weeks and a job renews it after one.

import type { KeyObject } from "node:crypto";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "@peculiar/x509";
import type { CaKey } from "./ca-key.ts";
import { DAY_MS, earlier, later, wholeSeconds } from "./clock.ts";
import { IssuanceError } from "./issuance-error.ts";
import { responderExtensions } from "./profiles.ts";
import { type AuthorityNames, caName, responderCommonName } from "./subject.ts";
import { newSerialNumber, signCertificate } from "./x509-signing.ts";

export const RESPONDER_LIFE_MS = 14 * DAY_MS;
export const RESPONDER_RENEWAL_MS = 7 * DAY_MS;

export interface ResponderCertificate {
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly der: Uint8Array;
}

/** @param issuer certificate of the issuing CA, DER. @throws IssuanceError expired-issuer; CaKeyError */
export async function certifyResponder(
  names: AuthorityNames,
  issuer: Uint8Array,
  issuerKey: CaKey,
  ocspKey: KeyObject,
  now: Date,
): Promise<ResponderCertificate> {
  const { subjectName, notAfter: issuerEnd } = new X509Certificate(new Uint8Array(issuer));
  const notBefore = wholeSeconds(now);
  if (notBefore >= issuerEnd) throw new IssuanceError("expired-issuer");
  const serialNumber = newSerialNumber();
  const notAfter = earlier(later(notBefore, RESPONDER_LIFE_MS), issuerEnd);
  const extensions = responderExtensions(ocspKey, issuerKey.publicKey);
  const subject = caName(names, responderCommonName(names.organisation));
  const template = { serialNumber, subject, issuer: subjectName, notBefore, notAfter, publicKey: ocspKey, extensions };
  return { serialNumber, notBefore, notAfter, der: await signCertificate(template, issuerKey) };
}

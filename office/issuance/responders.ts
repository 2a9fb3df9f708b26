// The OCSP responder's certificates, one line an issuing CA: renewed by a job, long before they end.

import type { KeyObject } from "node:crypto";
import { X509Certificate } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { schedule } from "../jobs/jobs.ts";
import { issuers, responderCertificates } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { AuthorityFolder } from "./authority-folder.ts";
import { later } from "./clock.ts";
import { certifyResponder, RESPONDER_RENEWAL_MS, type ResponderCertificate } from "./responder-certificate.ts";

export const RESPONDER_JOB = "responder";
const SERIAL_SEPARATOR = ":";

async function newest(tx: Database, issuerId: string): Promise<typeof responderCertificates.$inferSelect | undefined> {
  const [row] = await tx
    .select()
    .from(responderCertificates)
    .where(eq(responderCertificates.issuerId, issuerId))
    .orderBy(desc(responderCertificates.notBefore), desc(responderCertificates.notAfter))
    .limit(1);
  return row;
}

/** Keeps one, and makes sure that the next will come. */
export async function keepResponder(tx: Database, issuerId: string, certificate: ResponderCertificate): Promise<void> {
  await tx.insert(responderCertificates).values({ issuerId, ...certificate });
  const key = [RESPONDER_JOB, issuerId, certificate.serialNumber].join(SERIAL_SEPARATOR);
  await schedule(tx, { kind: RESPONDER_JOB, key, dueAt: later(certificate.notBefore, RESPONDER_RENEWAL_MS) });
}

/**
 * Certifies the responder's key anew, unless the issuing CA's own certificate is over.
 * @param only renew only if this is the serial number of the newest; null: in any case
 */
export async function renewResponder(
  tx: Database,
  authority: AuthorityFolder,
  issuerId: string,
  only: string | null,
  now: Date,
): Promise<void> {
  const [issuer] = await tx.select().from(issuers).where(eq(issuers.id, issuerId)).for("update");
  if (issuer === undefined) throw new Error("no such issuer");
  const last = await newest(tx, issuerId);
  if (only !== null && last?.serialNumber !== only) return;
  if (now >= new Date(new X509Certificate(issuer.certificate).validTo)) return;
  const key = await authority.key(issuer.name);
  const certificate = await certifyResponder(authority.names, issuer.certificate, key, authority.ocspPublicKey, now);
  await keepResponder(tx, issuerId, certificate);
  const details = { serialNumber: certificate.serialNumber };
  await appendAudit(tx, { at: now, actor: "clock", action: "responder.certify", subject: `issuer:${issuer.name}`, details });
}

/** Whether the newest certificate is good for the key that the responder has now. */
export async function hasResponder(tx: Database, issuerId: string, ocspKey: KeyObject, now: Date): Promise<boolean> {
  const last = await newest(tx, issuerId);
  return last !== undefined && now < last.notAfter && new X509Certificate(last.der).publicKey.equals(ocspKey);
}

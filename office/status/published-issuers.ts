// CRLs and certificates of the authorities, as the tables have them.

import { X509Certificate } from "node:crypto";
import { desc, eq, sql } from "drizzle-orm";
import { crls, issuers } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { PublishedFile } from "./published-file.ts";

/** A revocation is at once in the CRL: caches may not hide it for long. */
export const CRL_MAX_AGE_SECONDS = 60;
const CERTIFICATE_MAX_AGE_SECONDS = 3600;

/** The newest CRL of an issuer is over, or there is none yet, though its certificate is valid: somebody has to look. */
export class StaleCrlError extends Error {
  override readonly name = "StaleCrlError";
  constructor(issuerName: string) {
    super(`no valid CRL of ${issuerName}`);
  }
}

/**
 * The newest CRL; DER. That of an issuer whose certificate is over is the last one, which stays for those who look at old signatures.
 * @returns null: no such issuer
 * @throws StaleCrlError
 */
export async function readCrl(db: Database, name: string, now: Date): Promise<PublishedFile | null> {
  const [row] = await db
    .select({ certificate: issuers.certificate, der: crls.der, thisUpdate: crls.thisUpdate, nextUpdate: crls.nextUpdate })
    .from(issuers)
    .leftJoin(crls, eq(crls.issuerId, issuers.id))
    .where(eq(issuers.name, name))
    .orderBy(sql`${desc(crls.number)} nulls last`)
    .limit(1);
  if (row === undefined) return null;
  const { der, thisUpdate, nextUpdate } = row;
  const isLast = now >= new Date(new X509Certificate(row.certificate).validTo);
  if (der === null || thisUpdate === null || nextUpdate === null || (now >= nextUpdate && !isLast)) throw new StaleCrlError(name);
  const secondsLeft = Math.floor((nextUpdate.getTime() - now.getTime()) / 1000);
  const maxAgeSeconds = Math.max(0, Math.min(CRL_MAX_AGE_SECONDS, secondsLeft));
  return { type: "application/pkix-crl", body: der, lastModified: thisUpdate, maxAgeSeconds };
}

/** @returns null: no such issuer */
export async function readCertificate(db: Database, name: string, form: "cer" | "pem"): Promise<PublishedFile | null> {
  const [row] = await db.select({ der: issuers.certificate }).from(issuers).where(eq(issuers.name, name));
  if (row === undefined) return null;
  const certificate = new X509Certificate(row.der);
  const file = { lastModified: new Date(certificate.validFrom), maxAgeSeconds: CERTIFICATE_MAX_AGE_SECONDS };
  return form === "cer"
    ? { ...file, type: "application/pkix-cert", body: row.der }
    : { ...file, type: "application/pem-certificate-chain", body: Buffer.from(certificate.toString()) };
}

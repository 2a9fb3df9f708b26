// The revocation list of an issuing CA (RFC 5280 §5): a new one at once with every revocation, and every six hours though nothing changed, each good
// for a day. Entries stay after their certificates have expired (expiredCertsOnCRL).

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "@peculiar/x509";
import { and, desc, eq, gt, lte, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import { schedule } from "../jobs/jobs.ts";
import { certificates, crls, issuers, revocations, unknownRevocations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { AuthorityFolder } from "./authority-folder.ts";
import { DAY_MS, HOUR_MS, later, wholeSeconds } from "./clock.ts";
import { crlExtensions } from "./profiles.ts";
import { type CrlEntry, signCrl } from "./x509-signing.ts";

export const CRL_LIFE_MS = DAY_MS;
export const CRL_INTERVAL_MS = 6 * HOUR_MS;
/** Of each issuer, so many of the newest lists are kept, however fast they came: a list is large, and the newest has all that the others said. */
export const CRLS_KEPT = 10;
/** Longer than anybody waits for the issuer's row. */
const WAIT_MS = 60_000;
export const CRL_JOB = "crl";

export const crlJobKey = (issuerId: string, number: number): string => `${CRL_JOB}:${issuerId}:${number}`;

/**
 * Whoever waited for the issuer may come with a time from before the list that was published meanwhile. A list from further ahead is another matter:
 * the clock was wrong then, and must not stay so.
 */
async function notBeforeTheLast(tx: Database, { id, crlNumber }: typeof issuers.$inferSelect, now: Date): Promise<Date> {
  const [last] = await tx
    .select({ thisUpdate: crls.thisUpdate })
    .from(crls)
    .where(and(eq(crls.issuerId, id), eq(crls.number, crlNumber)));
  const isWaiting = last !== undefined && last.thisUpdate > now && last.thisUpdate <= later(now, WAIT_MS);
  return isWaiting ? last.thisUpdate : now;
}

/** By their order, not by their numbers: a restore leaves a gap. @param tx holds the issuer */
export async function forgetOldCrls(tx: Database, issuerId: string): Promise<void> {
  const [newestTooOld] = await tx
    .select({ number: crls.number })
    .from(crls)
    .where(eq(crls.issuerId, issuerId))
    .orderBy(desc(crls.number))
    .offset(CRLS_KEPT)
    .limit(1);
  if (newestTooOld !== undefined) await tx.delete(crls).where(and(eq(crls.issuerId, issuerId), lte(crls.number, newestTooOld.number)));
}

function entriesOf(tx: Database, issuerId: string): Promise<CrlEntry[]> {
  const known = tx
    .select({ serialNumber: certificates.serialNumber, revokedAt: revocations.revokedAt, reasonCode: revocations.reasonCode })
    .from(revocations)
    .innerJoin(certificates, eq(certificates.id, revocations.certificateId))
    .where(eq(certificates.issuerId, issuerId));
  const { serialNumber, revokedAt, reasonCode } = unknownRevocations;
  const unknown = tx
    .select({ serialNumber, revokedAt, reasonCode })
    .from(unknownRevocations)
    .where(eq(unknownRevocations.issuerId, issuerId));
  return unionAll(known, unknown).orderBy(sql`revoked_at`, sql`serial_number`);
}

/**
 * Signs a new list, and makes sure that the one after it will come. Holds the issuer until the transaction ends.
 * @returns its number; null: the issuer's own certificate is over, so that nobody would believe a list of it
 * @throws CaKeyError
 */
export async function publishCrl(tx: Database, authority: AuthorityFolder, issuerId: string, now: Date): Promise<number | null> {
  const [issuer] = await tx.select().from(issuers).where(eq(issuers.id, issuerId)).for("update");
  if (issuer === undefined) throw new Error("no such issuer");
  const { subjectName, notBefore, notAfter } = new X509Certificate(new Uint8Array(issuer.certificate));
  if (now >= notAfter) return null;
  const entries = await entriesOf(tx, issuerId);
  const number = issuer.crlNumber + 1;
  const thisUpdate = await notBeforeTheLast(tx, issuer, wholeSeconds(now));
  const nextUpdate = later(thisUpdate, CRL_LIFE_MS);
  const key = await authority.key(issuer.name);
  const extensions = crlExtensions(key.publicKey, number, notBefore);
  const der = await signCrl({ issuer: subjectName, thisUpdate, nextUpdate, entries, extensions }, key);
  await tx.insert(crls).values({ issuerId, number, thisUpdate, nextUpdate, der });
  await tx.update(issuers).set({ crlNumber: number }).where(eq(issuers.id, issuerId));
  await forgetOldCrls(tx, issuerId);
  await schedule(tx, { kind: CRL_JOB, key: crlJobKey(issuerId, number), dueAt: later(thisUpdate, CRL_INTERVAL_MS) });
  return number;
}

/**
 * For the start of a server: a list from the future was signed when the clock was wrong, and the one after it would come only then. Nobody believes
 * it until then, either.
 */
export async function replaceFutureCrl(tx: Database, authority: AuthorityFolder, issuerId: string, now: Date): Promise<void> {
  const [issuer] = await tx.select().from(issuers).where(eq(issuers.id, issuerId)).for("update");
  if (issuer === undefined) throw new Error("no such issuer");
  const [future] = await tx
    .select({ number: crls.number })
    .from(crls)
    .where(and(eq(crls.issuerId, issuerId), eq(crls.number, issuer.crlNumber), gt(crls.thisUpdate, later(now, WAIT_MS))));
  if (future !== undefined) await publishCrl(tx, authority, issuerId, now);
}

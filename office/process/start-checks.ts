// What an office looks at before it starts: whether its clock can be right, and whether its certification authority lasts.
//
// A clock that is behind what the office itself wrote down issues certificates and lists of the past, and takes for valid what is over: the office does
// not start. It cannot know which of the two was wrong, that time or this one, so whoever is sure of this one may say so. The newest records are
// those by number, not by time: when a clock that was ahead was set right, the next record heals it.

import { X509Certificate } from "node:crypto";
import { and, desc, eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import type { AuthorityFolder } from "../issuance/authority-folder.ts";
import { yearsLater } from "../issuance/clock.ts";
import { PERSON_PROFILES, type PersonProfile } from "../issuance/profiles.ts";
import { auditEvents, crls, issuers } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { ClockBehindError } from "./start-errors.ts";

/** Servers that share a store have clocks that differ, by less. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** `audit`: the last event, which every certificate has, too; `crl`: a last list; `ca`: the beginning of a CA's certificate. */
export type RecordKind = "audit" | "crl" | "ca";

export interface TimedRecord {
  readonly kind: RecordKind;
  readonly at: Date;
}

/** The latest of the newest records; null: there is none yet. */
export async function newestRecord(db: Database, authority: AuthorityFolder): Promise<TimedRecord | null> {
  const [event] = await db.select({ at: auditEvents.at }).from(auditEvents).orderBy(desc(auditEvents.number)).limit(1);
  const lists = await db
    .select({ at: crls.thisUpdate })
    .from(crls)
    .innerJoin(issuers, and(eq(issuers.id, crls.issuerId), eq(issuers.crlNumber, crls.number)));
  const cas = [authority.root, ...authority.issuers.map(({ certificate }) => certificate)];
  const records: TimedRecord[] = [
    ...(event === undefined ? [] : [{ kind: "audit" as const, at: event.at }]),
    ...lists.map(({ at }) => ({ kind: "crl" as const, at })),
    ...cas.map((der) => ({ kind: "ca" as const, at: new Date(new X509Certificate(der).validFrom) })),
  ];
  return records.sort((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null;
}

/**
 * @param isTrusted whoever starts the office says that the clock is right, and the record was wrong: the audit trail keeps that
 * @returns the record that the clock is behind; null: there is none
 * @throws ClockBehindError
 */
export async function checkClock(store: Store, authority: AuthorityFolder, now: Date, isTrusted: boolean): Promise<TimedRecord | null> {
  const newest = await newestRecord(store.db, authority);
  if (newest === null || newest.at.getTime() - now.getTime() <= CLOCK_TOLERANCE_MS) return null;
  if (!isTrusted) throw new ClockBehindError(now, newest.at);
  const details = { record: newest.kind, recordAt: newest.at.toISOString() };
  await store.transaction((tx) => appendAudit(tx, { at: now, actor: "system", action: "office.trust-clock", subject: "office", details }));
  return newest;
}

/**
 * `clock`: the clock was trusted though a record is of later; `root-expired`, `issuer-expired`: the certificate is over; `issuer-short`: certificates of
 * `profiles` end with their issuing CA, before their time; `root-crl`: the root's list is over, so that nobody believes the issuing CA.
 */
export type StartWarning =
  | { readonly kind: "clock" | "root-expired" | "issuer-expired" | "root-crl"; readonly at: Date }
  | { readonly kind: "issuer-short"; readonly at: Date; readonly profiles: readonly PersonProfile[] };

const PROFILES = Object.entries(PERSON_PROFILES) as [PersonProfile, (typeof PERSON_PROFILES)[PersonProfile]][];

function issuerWarning(certificate: Uint8Array, now: Date): StartWarning | null {
  const at = new Date(new X509Certificate(certificate).validTo);
  if (at <= now) return { kind: "issuer-expired", at };
  const profiles = PROFILES.filter(([, { years }]) => at < yearsLater(now, years)).map(([profile]) => profile);
  return profiles.length === 0 ? null : { kind: "issuer-short", at, profiles };
}

/** What somebody with the root's key has to do something about. */
export function authorityWarnings(authority: AuthorityFolder, now: Date): StartWarning[] {
  const rootEnd = new Date(new X509Certificate(authority.root).validTo);
  if (rootEnd <= now) return [{ kind: "root-expired", at: rootEnd }];
  const listEnd = authority.rootCrls.at(-1)?.nextUpdate;
  const issuer = issuerWarning(authority.current.certificate, now);
  return [
    ...(issuer === null ? [] : [issuer]),
    ...(listEnd !== undefined && listEnd <= now ? [{ kind: "root-crl" as const, at: listEnd }] : []),
  ];
}

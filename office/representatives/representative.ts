// A legal representative's row: found, held, locked after too many wrong tries, unlocked by an officer.

import { and, asc, eq, gte, inArray, isNotNull, isNull, or } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { queueMail } from "../mail/outbox.ts";
import { lockedMail } from "../mail/templates/locked.ts";
import { unlockedMail } from "../mail/templates/unlocked.ts";
import type { Acting } from "../registration/officers.ts";
import { legalRepresentatives, representativeSessions } from "../store/application-schema.ts";
import { organisations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { AccessError } from "./access-error.ts";

export type Representative = typeof legalRepresentatives.$inferSelect;

/** Wrong keys and codes in a row. */
export const ACCESS_TRIES = 5;

/** Also between the fifth try and its verdict. */
export const isLocked = ({ failedTries, lockedAt }: Representative): boolean => lockedAt !== null || failedTries >= ACCESS_TRIES;

/** For the audit trail. */
export const actorOf = (organisationId: string): string => `representative:${organisationId}`;
export const subjectOf = (organisationId: string): string => `organisation:${organisationId}`;

/** null: the organisation has none. */
export async function representativeOf(db: Database, organisationId: string): Promise<Representative | null> {
  const [row] = await db.select().from(legalRepresentatives).where(eq(legalRepresentatives.organisationId, organisationId));
  return row ?? null;
}

/** @throws AccessError unknown */
export async function holdRepresentative(tx: Database, organisationId: string): Promise<Representative> {
  const [row] = await tx.select().from(legalRepresentatives).where(eq(legalRepresentatives.organisationId, organisationId)).for("update");
  if (row === undefined) throw new AccessError("unknown");
  return row;
}

/** The caller holds the row. */
export async function changeRepresentative(
  tx: Database,
  { organisationId }: Representative,
  values: Partial<Representative>,
): Promise<void> {
  await tx.update(legalRepresentatives).set(values).where(eq(legalRepresentatives.organisationId, organisationId));
}

/** Whatever was begun with what is over now. The caller holds the representative's row. */
export async function endSessions(tx: Database, organisationId: string, now: Date): Promise<void> {
  const open = and(eq(representativeSessions.organisationId, organisationId), isNull(representativeSessions.endedAt));
  await tx.update(representativeSessions).set({ endedAt: now }).where(open);
}

/**
 * After a wrong key or code, whose try was spent before: the last one locks, and the representative is told.
 * @param identifier also one that nobody has: nothing happens
 */
export function lockIfSpent({ store, sealing, publicUrl }: ApplicationDesk, identifier: string, now: Date): Promise<boolean> {
  return store.transaction(async (tx) => {
    const [row] = await tx.select().from(legalRepresentatives).where(eq(legalRepresentatives.identifier, identifier)).for("update");
    if (row === undefined) return false;
    if (row.failedTries < ACCESS_TRIES || row.lockedAt !== null) return isLocked(row);
    await changeRepresentative(tx, row, { lockedAt: now });
    await queueMail(tx, sealing, "locked", lockedMail(row.language, { to: row.email, publicUrl, what: "representative" }), now);
    const subject = subjectOf(row.organisationId);
    await appendAudit(tx, { at: now, actor: "unknown", action: "representative.lock", subject });
    return true;
  });
}

/** Tries anew, with the same key; the reason is in the audit trail. The caller has looked at the officer's permission. @throws AccessError unknown, not-locked */
export function unlockRepresentative(desk: ApplicationDesk, organisationId: string, reason: string, { actor, now }: Acting): Promise<void> {
  const { store, sealing, publicUrl } = desk;
  return store.transaction(async (tx) => {
    const row = await holdRepresentative(tx, organisationId);
    if (!isLocked(row)) throw new AccessError("not-locked");
    await changeRepresentative(tx, row, { failedTries: 0, lockedAt: null });
    const mail = unlockedMail(row.language, { to: row.email, publicUrl, what: "representative" });
    await queueMail(tx, sealing, "unlocked", mail, now);
    await appendAudit(tx, { at: now, actor, action: "representative.unlock", subject: subjectOf(organisationId), details: { reason } });
  });
}

export interface LockedRepresentative {
  readonly organisationId: string;
  readonly email: string;
}

/** For whoever unlocks them: those of organisations of these offices. */
export function lockedRepresentatives(db: Database, officeIds: readonly string[]): Promise<LockedRepresentative[]> {
  if (officeIds.length === 0) return Promise.resolve([]);
  const { organisationId, email, lockedAt, failedTries } = legalRepresentatives;
  return db
    .select({ organisationId, email })
    .from(legalRepresentatives)
    .innerJoin(organisations, eq(organisations.id, organisationId))
    .where(and(inArray(organisations.officeId, [...officeIds]), or(isNotNull(lockedAt), gte(failedTries, ACCESS_TRIES))))
    .orderBy(asc(email));
}

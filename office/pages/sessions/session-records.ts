// An officer's own open sessions, and ending one of them.

import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { appendAudit } from "../../audit/audit-trail.ts";
import { type Acting, keepOfficer } from "../../registration/officers.ts";
import { secretDigest } from "../../registration/secret.ts";
import { officerSessions } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";

export interface OwnSession {
  /** Names it in a form; opens nothing. */
  readonly id: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  /** The one that asks. */
  readonly isThis: boolean;
}

/** Half of the digest: long enough to be unique. */
const ID_CHARACTERS = 32;
const idOf = (digest: Uint8Array): string => Buffer.from(digest).toString("hex").slice(0, ID_CHARACTERS);

/** Those that are open; one that was idle too long is not any more. @param secret of the session that asks */
export async function ownSessions(db: Database, officerId: string, secret: string, now: Date, idleMs: number): Promise<OwnSession[]> {
  const open = and(
    eq(officerSessions.officerId, officerId),
    isNull(officerSessions.revokedAt),
    gt(officerSessions.expiresAt, now),
    gt(officerSessions.lastUsedAt, new Date(now.getTime() - idleMs)),
  );
  const rows = await db.select().from(officerSessions).where(open).orderBy(desc(officerSessions.lastUsedAt), officerSessions.digest);
  const own = idOf(secretDigest(secret));
  return rows.map(({ digest, createdAt, lastUsedAt, expiresAt }) => ({
    id: idOf(digest),
    createdAt,
    lastUsedAt,
    expiresAt,
    isThis: idOf(digest) === own,
  }));
}

/** One of the officer's own; one that is over, or another's, is left as it is. */
export async function endSession(tx: Database, officerId: string, id: string, { actor, now }: Acting): Promise<void> {
  const which = and(
    eq(officerSessions.officerId, officerId),
    isNull(officerSessions.revokedAt),
    sql`left(encode(${officerSessions.digest}, 'hex'), ${ID_CHARACTERS}) = ${id}`,
  );
  await keepOfficer(tx, officerId);
  const rows = await tx.update(officerSessions).set({ revokedAt: now }).where(which).returning({ officerId: officerSessions.officerId });
  if (rows.length > 0) await appendAudit(tx, { at: now, actor, action: "officer.end-session", subject: `officer:${officerId}` });
}

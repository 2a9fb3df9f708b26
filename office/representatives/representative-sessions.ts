// A representative's session: begun by the key (or the hand-over code), open once the code from the mailbox is right, too. Short, and apart from those
// of accounts and officers.

import { eq } from "drizzle-orm";
import { newSecret, secretDigest } from "../registration/secret.ts";
import { legalRepresentatives, representativeSessions } from "../store/application-schema.ts";
import { offices, organisations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { AccessError } from "./access-error.ts";
import { holdRepresentative, type Representative } from "./representative.ts";

const MINUTE_MS = 60_000;
/** Between the key and the code from the mailbox. */
export const BEGUN_MS = 15 * MINUTE_MS;
/** However much it is used: whoever revokes comes for that. */
export const OPEN_MS = 20 * MINUTE_MS;

/** `collect`: by the hand-over code, to be shown the key; `revoke`: by the key. */
export type Purpose = "collect" | "revoke";
export type RepresentativeSession = typeof representativeSessions.$inferSelect;

/** @returns the cookie's secret, told once; the caller audits how it came to be */
export async function addSession(tx: Database, organisationId: string, purpose: Purpose, isOpen: boolean, now: Date): Promise<string> {
  const { text, digest } = newSecret();
  const expiresAt = new Date(now.getTime() + (isOpen ? OPEN_MS : BEGUN_MS));
  await tx
    .insert(representativeSessions)
    .values({ digest, organisationId, purpose, createdAt: now, expiresAt, openedAt: isOpen ? now : null });
  return text;
}

const isOver = ({ endedAt, expiresAt }: RepresentativeSession, now: Date): boolean => endedAt !== null || expiresAt <= now;

export interface SeenSession {
  readonly organisation: { readonly id: string; readonly name: string };
  readonly representative: Representative;
  readonly purpose: Purpose;
  readonly isOpen: boolean;
  /** A code is on its way to the mailbox. */
  readonly hasCode: boolean;
  /** Of the organisation's office, IANA. */
  readonly timeZone: string;
}

/** What a cookie opens; null: nothing (any more). Nothing is held. */
export async function seenSession(db: Database, secret: string, now: Date): Promise<SeenSession | null> {
  const [row] = await db
    .select({ session: representativeSessions, representative: legalRepresentatives, name: organisations.name, timeZone: offices.timeZone })
    .from(representativeSessions)
    .innerJoin(legalRepresentatives, eq(legalRepresentatives.organisationId, representativeSessions.organisationId))
    .innerJoin(organisations, eq(organisations.id, representativeSessions.organisationId))
    .innerJoin(offices, eq(offices.id, organisations.officeId))
    .where(eq(representativeSessions.digest, secretDigest(secret)));
  if (row === undefined || isOver(row.session, now)) return null;
  const { session, representative, name, timeZone } = row;
  return {
    organisation: { id: session.organisationId, name },
    representative,
    purpose: session.purpose,
    isOpen: session.openedAt !== null,
    hasCode: session.codeHash !== null,
    timeZone,
  };
}

export interface HeldSession {
  readonly session: RepresentativeSession;
  readonly representative: Representative;
}

/** The representative's row first, then the session's: as everybody does. @throws AccessError session */
export async function holdSession(tx: Database, secret: string, now: Date): Promise<HeldSession> {
  const which = eq(representativeSessions.digest, secretDigest(secret));
  const [found] = await tx.select({ organisationId: representativeSessions.organisationId }).from(representativeSessions).where(which);
  if (found === undefined) throw new AccessError("session");
  const representative = await holdRepresentative(tx, found.organisationId);
  const [session] = await tx.select().from(representativeSessions).where(which).for("update");
  if (session === undefined || isOver(session, now)) throw new AccessError("session");
  return { session, representative };
}

/** The same of one that is open, for this. @throws AccessError session */
export async function holdOpenSession(tx: Database, secret: string, purpose: Purpose, now: Date): Promise<HeldSession> {
  const held = await holdSession(tx, secret, now);
  if (held.session.openedAt === null || held.session.purpose !== purpose) throw new AccessError("session");
  return held;
}

/** The caller holds it. */
export async function changeSession(
  tx: Database,
  { digest }: RepresentativeSession,
  values: Partial<RepresentativeSession>,
): Promise<void> {
  await tx.update(representativeSessions).set(values).where(eq(representativeSessions.digest, digest));
}

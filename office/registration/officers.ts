// Officers: invited, enrolled with the AUTH key on their token, withdrawn; their roles, each in one office. Whoever changes an officer or uses one of
// their links holds the officer's row first, then the link's.

import { and, eq, isNull } from "drizzle-orm";
import { equalBytes } from "../../protocol/bytes.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { OFFICER, type OfficerState } from "../states/officer-states.ts";
import { officerCodeSights, officerRoles, officerSessions, officers, oneTimeLinks, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { type Assignment, NotPermittedError, officesWith, type Permission, type Role } from "./roles.ts";
import { newSecret, secretDigest } from "./secret.ts";

/** An invitation goes by mail: a weekend may be in between. */
const INVITATION_MS = 7 * 24 * 3_600_000;

export interface Officer {
  readonly id: string;
  readonly personId: string;
  readonly state: OfficerState;
  readonly name: string;
  readonly email: string;
  readonly language: string;
  /** SubjectPublicKeyInfo, DER, of the key that signs them in; null: not enrolled. */
  readonly publicKey: Uint8Array | null;
  readonly assignments: readonly Assignment[];
}

/**
 * `withdrawn`: they are, and have to be reinstated first; `yourself`: another administrator has to do it; `last-administrator`: an office would have
 * no active one.
 */
export type OfficerRefusal =
  | "unknown"
  | "already-officer"
  | "link-unknown"
  | "link-used"
  | "link-expired"
  | "key-known"
  | "withdrawn"
  | "yourself"
  | "last-administrator";

export class OfficerError extends Error {
  override readonly name = "OfficerError";
  readonly refusal: OfficerRefusal;
  constructor(refusal: OfficerRefusal) {
    super(`officer: ${refusal}`);
    this.refusal = refusal;
  }
}

/** Who acts, and when: what every change that is audited needs. */
export interface Acting {
  /** «officer:ID», «system». */
  readonly actor: string;
  readonly now: Date;
}

async function assignmentsOf(db: Database, officerId: string): Promise<Assignment[]> {
  const rows = await db.select().from(officerRoles).where(eq(officerRoles.officerId, officerId));
  return rows.map(({ officeId, role }) => ({ officeId, role: role as Role }));
}

/** @throws OfficerError unknown */
export async function officer(db: Database, id: string): Promise<Officer> {
  const [row] = await db.select().from(officers).innerJoin(people, eq(people.id, officers.personId)).where(eq(officers.id, id));
  if (row === undefined) throw new OfficerError("unknown");
  const { givenName, surname, email, language } = row.people;
  return {
    id,
    personId: row.people.id,
    state: row.officers.state,
    name: `${givenName} ${surname}`,
    email,
    language,
    publicKey: row.officers.publicKey,
    assignments: await assignmentsOf(db, id),
  };
}

interface NewLink {
  readonly officerId: string;
  readonly purpose: "enrol" | "sign-in";
  readonly seenBy?: string | null;
  readonly expiresAt: Date;
}

/** @returns the link's secret, which is shown or mailed, once */
async function newLink(tx: Database, link: NewLink): Promise<string> {
  const { text, digest } = newSecret();
  await tx.insert(oneTimeLinks).values({ ...link, digest });
  return text;
}

export interface Invitation {
  readonly officerId: string;
  /** For `sceau office enrol`: works once, for a week. */
  readonly link: string;
}

/** For the audit trail. */
const seen = (seenBy: string | null) => (seenBy === null ? {} : { codeSeenBy: seenBy });

/**
 * Makes somebody an officer to be, with a link by which they bring the key of their token.
 * @param seenBy the officer to whom the link is shown, who could use it themselves; null: it goes to its owner alone
 */
export async function inviteOfficer(
  tx: Database,
  personId: string,
  roles: readonly Assignment[],
  { actor, now }: Acting,
  seenBy: string | null = null,
): Promise<Invitation> {
  const [row] = await tx
    .insert(officers)
    .values({ personId, state: "invited", createdAt: now })
    .onConflictDoNothing({ target: officers.personId })
    .returning({ id: officers.id });
  if (row === undefined) throw new OfficerError("already-officer");
  if (roles.length > 0) await tx.insert(officerRoles).values(roles.map((role) => ({ officerId: row.id, ...role })));
  const link = await newLink(tx, { officerId: row.id, purpose: "enrol", seenBy, expiresAt: new Date(now.getTime() + INVITATION_MS) });
  const details = { roles: roles.map(({ role, officeId }) => `${role}@${officeId}`).join(" "), ...seen(seenBy) };
  await appendAudit(tx, { at: now, actor, action: "officer.invite", subject: `officer:${row.id}`, details });
  return { officerId: row.id, link };
}

type OfficerRow = typeof officers.$inferSelect;

/** @throws OfficerError unknown */
async function holdRow(tx: Database, id: string): Promise<OfficerRow> {
  const [row] = await tx.select().from(officers).where(eq(officers.id, id)).for("update");
  if (row === undefined) throw new OfficerError("unknown");
  return row;
}

/** Nobody else changes the officer until the transaction ends. @throws OfficerError unknown */
export async function holdOfficer(tx: Database, id: string): Promise<OfficerState> {
  return (await holdRow(tx, id)).state;
}

/**
 * Nobody withdraws the officer or gives them another key until the transaction ends; others who keep them so don't wait. Before one of their sessions
 * is changed: an enrolment has them, and the audit trail's end, when it comes to the sessions.
 */
export async function keepOfficer(tx: Database, id: string): Promise<void> {
  await tx.select({ id: officers.id }).from(officers).where(eq(officers.id, id)).for("share");
}

/** A code is over, and stays on record: whoever comes with it is told so. */
async function endLinks(tx: Database, officerId: string, purpose: "enrol" | "sign-in", now: Date): Promise<void> {
  const open = and(eq(oneTimeLinks.officerId, officerId), eq(oneTimeLinks.purpose, purpose), isNull(oneTimeLinks.usedAt));
  await tx.update(oneTimeLinks).set({ usedAt: now }).where(open);
}

/** @returns how many that were not over, for the audit trail */
async function endSessions(tx: Database, officerId: string, now: Date): Promise<number> {
  const open = and(eq(officerSessions.officerId, officerId), isNull(officerSessions.revokedAt));
  const ended = await tx.update(officerSessions).set({ revokedAt: now }).where(open).returning({ expiresAt: officerSessions.expiresAt });
  return ended.filter(({ expiresAt }) => expiresAt > now).length;
}

/** What the key of an officer has opened ends with it, a link into the browser, too. */
async function endOfKey(tx: Database, officerId: string, now: Date): Promise<number> {
  await endLinks(tx, officerId, "sign-in", now);
  return endSessions(tx, officerId, now);
}

/**
 * Holds the officer and then the link, which stays good.
 * @returns whose it is
 * @throws OfficerError link-…
 */
export async function holdLink(tx: Database, text: string, purpose: "enrol" | "sign-in", now: Date): Promise<string> {
  const which = and(eq(oneTimeLinks.digest, secretDigest(text)), eq(oneTimeLinks.purpose, purpose));
  const [known] = await tx.select({ officerId: oneTimeLinks.officerId }).from(oneTimeLinks).where(which);
  if (known === undefined) throw new OfficerError("link-unknown");
  // Two who sign in at once don't wait for each other.
  await tx
    .select({ id: officers.id })
    .from(officers)
    .where(eq(officers.id, known.officerId))
    .for(purpose === "enrol" ? "update" : "share");
  const [link] = await tx.select().from(oneTimeLinks).where(which).for("update");
  if (link === undefined) throw new OfficerError("link-unknown");
  if (link.usedAt !== null) throw new OfficerError("link-used");
  if (link.expiresAt <= now) throw new OfficerError("link-expired");
  return link.officerId;
}

/** Takes a link out of use; whatever comes after, it is used. @returns whose it is @throws OfficerError link-… */
export async function useLink(tx: Database, text: string, purpose: "enrol" | "sign-in", now: Date): Promise<string> {
  const officerId = await holdLink(tx, text, purpose, now);
  await tx
    .update(oneTimeLinks)
    .set({ usedAt: now })
    .where(eq(oneTimeLinks.digest, secretDigest(text)));
  return officerId;
}

/** A link into the browser, for somebody whose signature has just been verified. */
export function newSignInLink(tx: Database, officerId: string, expiresAt: Date): Promise<string> {
  return newLink(tx, { officerId, purpose: "sign-in", expiresAt });
}

/** Only one code is out at a time. */
async function newCode(tx: Database, officerId: string, now: Date, seenBy: string | null): Promise<Invitation> {
  await endLinks(tx, officerId, "enrol", now);
  const expiresAt = new Date(now.getTime() + INVITATION_MS);
  return { officerId, link: await newLink(tx, { officerId, purpose: "enrol", seenBy, expiresAt }) };
}

/**
 * Another code: for somebody who was invited and has not enrolled, or for an active officer who needs another token or certificate. What signs them
 * in now does so until the code is used.
 * @param isKeyLost their token is perhaps in other hands: it signs nobody in any more, and what is open ends at once
 * @param seenBy as of inviteOfficer
 * @throws OfficerError unknown, withdrawn
 */
export async function renewInvitation(
  tx: Database,
  id: string,
  isKeyLost: boolean,
  { actor, now }: Acting,
  seenBy: string | null = null,
): Promise<Invitation> {
  const state = await holdOfficer(tx, id);
  if (state === "withdrawn") throw new OfficerError("withdrawn");
  let sessionsEnded = 0;
  if (isKeyLost && OFFICER.allows(state, "lose")) {
    await tx
      .update(officers)
      .set({ state: OFFICER.after(state, "lose"), publicKey: null })
      .where(eq(officers.id, id));
    sessionsEnded = await endOfKey(tx, id, now);
  }
  const invitation = await newCode(tx, id, now, seenBy);
  const action = state === "invited" ? "officer.invite-again" : "officer.renew";
  await appendAudit(tx, { at: now, actor, action, subject: `officer:${id}`, details: { isKeyLost, sessionsEnded, ...seen(seenBy) } });
  return invitation;
}

/** Invited again, with the roles that they had, and no key. @throws OfficerError unknown; StateError: they are not withdrawn */
export async function reinstateOfficer(
  tx: Database,
  id: string,
  { actor, now }: Acting,
  seenBy: string | null = null,
): Promise<Invitation> {
  const state = OFFICER.after(await holdOfficer(tx, id), "reinstate");
  await tx.update(officers).set({ state, publicKey: null }).where(eq(officers.id, id));
  const invitation = await newCode(tx, id, now, seenBy);
  await appendAudit(tx, { at: now, actor, action: "officer.reinstate", subject: `officer:${id}`, details: seen(seenBy) });
  return invitation;
}

const isSameKey = (a: Uint8Array | null, b: Uint8Array): boolean => a !== null && equalBytes(a, b);

/** From now on the officer's key may be `seenBy`'s; what others may have had before is remembered (office-jobs.ts forgets it after a year). */
async function noteCodeSeen(tx: Database, officerId: string, seenBy: string | null, now: Date): Promise<void> {
  await tx
    .update(officerCodeSights)
    .set({ until: now })
    .where(and(eq(officerCodeSights.officerId, officerId), isNull(officerCodeSights.until)));
  if (seenBy === null) return;
  await tx
    .insert(officerCodeSights)
    .values({ officerId, seenBy })
    .onConflictDoUpdate({ target: [officerCodeSights.officerId, officerCodeSights.seenBy], set: { until: null } });
}

/**
 * The AUTH key of their token signs them in from now on, and no other; what another one has opened ends.
 * @param publicKey SubjectPublicKeyInfo, DER
 * @param seenBy to whom its code was shown
 * @throws OfficerError key-known; StateError: they are withdrawn
 */
export async function enrolOfficer(
  tx: Database,
  id: string,
  publicKey: Uint8Array,
  { actor, now }: Acting,
  seenBy: string | null = null,
): Promise<void> {
  const [other] = await tx.select().from(officers).where(eq(officers.publicKey, publicKey));
  if (other !== undefined && other.id !== id) throw new OfficerError("key-known");
  const before = await holdRow(tx, id);
  const state = OFFICER.after(before.state, "enrol");
  const isKept = isSameKey(before.publicKey, publicKey);
  await tx.update(officers).set({ state, publicKey }).where(eq(officers.id, id));
  // Whoever has the key that they had is who they were; so is whoever was shown the code as this officer, by that key.
  if (!(isKept || seenBy === id)) await noteCodeSeen(tx, id, seenBy, now);
  const sessionsEnded = isKept ? 0 : await endOfKey(tx, id, now);
  await appendAudit(tx, { at: now, actor, action: "officer.enrol", subject: `officer:${id}`, details: { sessionsEnded } });
}

/** @throws OfficerError last-administrator: one of their offices would have no active one */
async function requireAnotherAdministrator(tx: Database, id: string): Promise<void> {
  // All of them, so that two administrators who withdraw each other at once wait for each other.
  const administrators = await tx
    .select({ id: officers.id, state: officers.state, officeId: officerRoles.officeId })
    .from(officers)
    .innerJoin(officerRoles, and(eq(officerRoles.officerId, officers.id), eq(officerRoles.role, "administrator")))
    .orderBy(officers.id)
    .for("update", { of: officers });
  const own = administrators.filter((row) => row.id === id && row.state === "active").map(({ officeId }) => officeId);
  const others = administrators.filter((row) => row.id !== id && row.state === "active");
  const remaining = new Set(others.map(({ officeId }) => officeId));
  if (own.some((officeId) => !remaining.has(officeId))) throw new OfficerError("last-administrator");
}

/**
 * They sign in no more; what they have open ends, and so do their codes.
 * @param mayBeLast also an office's last active administrator: only whoever has the machine itself can still invite one then
 * @throws OfficerError unknown, last-administrator, yourself; StateError
 */
export async function withdrawOfficer(tx: Database, id: string, { actor, now }: Acting, mayBeLast = false): Promise<void> {
  if (!mayBeLast) await requireAnotherAdministrator(tx, id);
  if (actor === `officer:${id}`) throw new OfficerError("yourself");
  const state = OFFICER.after(await holdOfficer(tx, id), "withdraw");
  await tx.update(officers).set({ state }).where(eq(officers.id, id));
  const sessionsEnded = await endSessions(tx, id, now);
  await endLinks(tx, id, "enrol", now);
  await appendAudit(tx, { at: now, actor, action: "officer.withdraw", subject: `officer:${id}`, details: { sessionsEnded } });
}

/** @throws NotPermittedError unless the officer may do it in that office */
export function requirePermission({ assignments }: Officer, permission: Permission, officeId: string): void {
  if (!officesWith(assignments, permission).includes(officeId)) throw new NotPermittedError(permission);
}

// Officers: invited, enrolled with the AUTH key on their token, withdrawn; their roles, each in one office.

import { and, eq, isNull } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { OFFICER, type OfficerEvent, type OfficerState } from "../states/officer-states.ts";
import { officerRoles, officerSessions, officers, oneTimeLinks, people } from "../store/schema.ts";
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

export type OfficerRefusal =
  | "unknown"
  | "already-officer"
  | "link-unknown"
  | "link-used"
  | "link-expired"
  | "key-known"
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

/** @returns the link's secret, which is shown or mailed, once */
async function newLink(tx: Database, officerId: string, purpose: "enrol" | "sign-in", expiresAt: Date): Promise<string> {
  const { text, digest } = newSecret();
  await tx.insert(oneTimeLinks).values({ digest, purpose, officerId, expiresAt });
  return text;
}

export interface Invitation {
  readonly officerId: string;
  /** For `sceau office enrol`: works once, for a week. */
  readonly link: string;
}

/** Makes somebody an officer to be, with a link by which they bring the key of their token. */
export async function inviteOfficer(
  tx: Database,
  personId: string,
  roles: readonly Assignment[],
  { actor, now }: Acting,
): Promise<Invitation> {
  const [row] = await tx
    .insert(officers)
    .values({ personId, state: "invited", createdAt: now })
    .onConflictDoNothing({ target: officers.personId })
    .returning({ id: officers.id });
  if (row === undefined) throw new OfficerError("already-officer");
  if (roles.length > 0) await tx.insert(officerRoles).values(roles.map((role) => ({ officerId: row.id, ...role })));
  const link = await newLink(tx, row.id, "enrol", new Date(now.getTime() + INVITATION_MS));
  const details = { roles: roles.map(({ role, officeId }) => `${role}@${officeId}`).join(" ") };
  await appendAudit(tx, { at: now, actor, action: "officer.invite", subject: `officer:${row.id}`, details });
  return { officerId: row.id, link };
}

/** Takes a link out of use; whatever comes after, it is used. @returns whose it is @throws OfficerError link-… */
export async function useLink(tx: Database, text: string, purpose: "enrol" | "sign-in", now: Date): Promise<string> {
  const which = and(eq(oneTimeLinks.digest, secretDigest(text)), eq(oneTimeLinks.purpose, purpose));
  const [link] = await tx.select().from(oneTimeLinks).where(which).for("update");
  if (link === undefined) throw new OfficerError("link-unknown");
  if (link.usedAt !== null) throw new OfficerError("link-used");
  if (link.expiresAt <= now) throw new OfficerError("link-expired");
  await tx.update(oneTimeLinks).set({ usedAt: now }).where(which);
  return link.officerId;
}

/** A link into the browser, for somebody whose signature has just been verified. */
export function newSignInLink(tx: Database, officerId: string, expiresAt: Date): Promise<string> {
  return newLink(tx, officerId, "sign-in", expiresAt);
}

async function change(
  tx: Database,
  id: string,
  event: OfficerEvent,
  { actor, now }: Acting,
  publicKey?: Uint8Array,
): Promise<OfficerState> {
  const [row] = await tx.select().from(officers).where(eq(officers.id, id)).for("update");
  if (row === undefined) throw new OfficerError("unknown");
  const state = OFFICER.after(row.state, event);
  await tx
    .update(officers)
    .set({ state, ...(publicKey && { publicKey }) })
    .where(eq(officers.id, id));
  await appendAudit(tx, { at: now, actor, action: `officer.${event}`, subject: `officer:${id}` });
  return state;
}

/** The AUTH key of their token signs them in from now on, and no other. @param publicKey SubjectPublicKeyInfo, DER @throws OfficerError key-known */
export async function enrolOfficer(tx: Database, id: string, publicKey: Uint8Array, acting: Acting): Promise<void> {
  const [other] = await tx.select().from(officers).where(eq(officers.publicKey, publicKey));
  if (other !== undefined && other.id !== id) throw new OfficerError("key-known");
  await change(tx, id, "enrol", acting, publicKey);
}

/** They sign in no more, and what they have open ends. @throws OfficerError last-administrator: an office would have none */
export async function withdrawOfficer(tx: Database, id: string, acting: Acting): Promise<void> {
  // All of them, so that two administrators who withdraw each other at once wait for each other.
  const administrators = await tx
    .select({ id: officers.id, state: officers.state, officeId: officerRoles.officeId })
    .from(officers)
    .innerJoin(officerRoles, and(eq(officerRoles.officerId, officers.id), eq(officerRoles.role, "administrator")))
    .orderBy(officers.id)
    .for("update", { of: officers });
  const own = administrators.filter((row) => row.id === id).map(({ officeId }) => officeId);
  const remaining = new Set(administrators.filter((row) => row.id !== id && row.state === "active").map(({ officeId }) => officeId));
  if (own.some((officeId) => !remaining.has(officeId))) throw new OfficerError("last-administrator");
  await change(tx, id, "withdraw", acting);
  await tx
    .update(officerSessions)
    .set({ revokedAt: acting.now })
    .where(and(eq(officerSessions.officerId, id), isNull(officerSessions.revokedAt)));
}

/** @throws NotPermittedError unless the officer may do it in that office */
export function requirePermission({ assignments }: Officer, permission: Permission, officeId: string): void {
  if (!officesWith(assignments, permission).includes(officeId)) throw new NotPermittedError(permission);
}

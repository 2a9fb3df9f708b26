// What pages show of appointments, checks and evidence. Reads only; never the bytes of evidence.

import { and, asc, desc, eq, exists, gt, gte, inArray, isNull, lt, ne, notExists } from "drizzle-orm";
import type { DossierState } from "../states/dossier-states.ts";
import type { IdentityCheckState } from "../states/identity-check-states.ts";
import { appointmentSlots, dossiers, evidence, identityChecks } from "../store/application-schema.ts";
import { officers, offices, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { IdentityCheck } from "./booking.ts";
import { offeringOfficers, type Slot } from "./slots.ts";

const MAX_FREE_SLOTS = 200;

/** Those that somebody may book, the earliest first. */
export function freeSlots(db: Database, officeId: string, now: Date): Promise<Slot[]> {
  const booking = db
    .select({ id: identityChecks.id })
    .from(identityChecks)
    .where(and(eq(identityChecks.slotId, appointmentSlots.id), ne(identityChecks.state, "cancelled")));
  const free = and(
    eq(appointmentSlots.officeId, officeId),
    isNull(appointmentSlots.withdrawnAt),
    gt(appointmentSlots.startsAt, now),
    notExists(booking),
    exists(offeringOfficers(db)),
  );
  return db
    .select()
    .from(appointmentSlots)
    .where(free)
    .orderBy(asc(appointmentSlots.startsAt), asc(appointmentSlots.id))
    .limit(MAX_FREE_SLOTS);
}

export interface CheckWithSlot {
  readonly check: IdentityCheck;
  readonly slot: Slot;
}

/** A dossier's, the newest first. */
export function checksOfDossier(db: Database, dossierId: string): Promise<CheckWithSlot[]> {
  return db
    .select({ check: identityChecks, slot: appointmentSlots })
    .from(identityChecks)
    .innerJoin(appointmentSlots, eq(appointmentSlots.id, identityChecks.slotId))
    .where(eq(identityChecks.dossierId, dossierId))
    .orderBy(desc(identityChecks.createdAt), asc(identityChecks.id));
}

const EVIDENCE_COLUMNS = {
  id: evidence.id,
  dossierId: evidence.dossierId,
  kind: evidence.kind,
  mediaType: evidence.mediaType,
  sizeBytes: evidence.sizeBytes,
  sha256: evidence.sha256,
  uploadedBy: evidence.uploadedBy,
  uploadedAt: evidence.uploadedAt,
  destroyAt: evidence.destroyAt,
  destroyedAt: evidence.destroyedAt,
} as const;

export type EvidenceRecord = Omit<typeof evidence.$inferSelect, "sealed">;

export const evidenceOfDossier = (db: Database, dossierId: string): Promise<EvidenceRecord[]> =>
  db.select(EVIDENCE_COLUMNS).from(evidence).where(eq(evidence.dossierId, dossierId)).orderBy(asc(evidence.uploadedAt), asc(evidence.id));

/** Which office's it is; null: there is none. */
export async function officeOfEvidence(db: Database, id: string): Promise<string | null> {
  const [row] = await db
    .select({ officeId: dossiers.officeId })
    .from(evidence)
    .innerJoin(dossiers, eq(dossiers.id, evidence.dossierId))
    .where(eq(evidence.id, id));
  return row?.officeId ?? null;
}

/** A check in a list. */
export interface ListedCheck {
  readonly id: string;
  readonly state: IdentityCheckState;
  readonly officerId: string | null;
  readonly officerName: string | null;
  readonly dossierNumber: string;
  readonly dossierState: DossierState;
  readonly name: string;
  readonly startsAt: Date;
  readonly minutes: number;
  readonly kind: Slot["kind"];
  readonly place: string;
}

function listed(db: Database) {
  return db
    .select({
      id: identityChecks.id,
      state: identityChecks.state,
      officerId: identityChecks.officerId,
      officerGivenName: people.givenName,
      officerSurname: people.surname,
      dossierNumber: dossiers.number,
      dossierState: dossiers.state,
      givenName: dossiers.givenName,
      surname: dossiers.surname,
      startsAt: appointmentSlots.startsAt,
      minutes: appointmentSlots.minutes,
      kind: appointmentSlots.kind,
      place: appointmentSlots.place,
    })
    .from(identityChecks)
    .innerJoin(appointmentSlots, eq(appointmentSlots.id, identityChecks.slotId))
    .innerJoin(dossiers, eq(dossiers.id, identityChecks.dossierId))
    .leftJoin(officers, eq(officers.id, identityChecks.officerId))
    .leftJoin(people, eq(people.id, officers.personId))
    .$dynamic();
}

type ListedRow = Awaited<ReturnType<typeof listed>>[number];

function shownCheck({ givenName, surname, officerGivenName, officerSurname, ...row }: ListedRow): ListedCheck {
  const officerName = officerGivenName === null ? null : `${officerGivenName} ${officerSurname ?? ""}`.trim();
  return { ...row, name: `${givenName} ${surname}`, officerName };
}

/** Appointments of a day, but for those that were cancelled; all verifiers' of these offices. */
export async function checksBetween(db: Database, scope: readonly string[], from: Date, to: Date): Promise<ListedCheck[]> {
  const there = and(
    inArray(dossiers.officeId, [...scope]),
    gte(appointmentSlots.startsAt, from),
    lt(appointmentSlots.startsAt, to),
    ne(identityChecks.state, "cancelled"),
  );
  return (await listed(db).where(there).orderBy(asc(appointmentSlots.startsAt), asc(identityChecks.id))).map(shownCheck);
}

/** Those of earlier days that somebody has to go on with. */
export async function unfinishedChecks(db: Database, scope: readonly string[], before: Date): Promise<ListedCheck[]> {
  const waiting = and(
    inArray(dossiers.officeId, [...scope]),
    inArray(identityChecks.state, ["booked", "in_review", "inconclusive", "manual"]),
    lt(appointmentSlots.startsAt, before),
  );
  return (await listed(db).where(waiting).orderBy(asc(appointmentSlots.startsAt), asc(identityChecks.id))).map(shownCheck);
}

export interface OfferedSlot {
  readonly slot: Slot;
  readonly isBooked: boolean;
}

const MAX_OFFERED = 200;

/** An officer's from now on. */
export async function offeredSlots(db: Database, officerId: string, from: Date): Promise<OfferedSlot[]> {
  const own = and(eq(appointmentSlots.officerId, officerId), isNull(appointmentSlots.withdrawnAt), gte(appointmentSlots.startsAt, from));
  const booked = and(eq(identityChecks.slotId, appointmentSlots.id), ne(identityChecks.state, "cancelled"));
  const rows = await db
    .select({ slot: appointmentSlots, checkId: identityChecks.id })
    .from(appointmentSlots)
    .leftJoin(identityChecks, booked)
    .where(own)
    .orderBy(asc(appointmentSlots.startsAt), asc(appointmentSlots.id))
    .limit(MAX_OFFERED);
  return rows.map(({ slot, checkId }) => ({ slot, isBooked: checkId !== null }));
}

export interface CheckSheet extends CheckWithSlot {
  readonly dossier: typeof dossiers.$inferSelect;
  readonly office: { readonly id: string; readonly name: string; readonly timeZone: string };
  readonly officerName: string | null;
  readonly evidence: readonly EvidenceRecord[];
}

/** @param scope offices; null: it is in none of them */
export async function checkSheet(db: Database, id: string, scope: readonly string[]): Promise<CheckSheet | null> {
  const [row] = await db
    .select({ check: identityChecks, slot: appointmentSlots, dossier: dossiers, office: offices, person: people })
    .from(identityChecks)
    .innerJoin(appointmentSlots, eq(appointmentSlots.id, identityChecks.slotId))
    .innerJoin(dossiers, eq(dossiers.id, identityChecks.dossierId))
    .innerJoin(offices, eq(offices.id, dossiers.officeId))
    .leftJoin(officers, eq(officers.id, identityChecks.officerId))
    .leftJoin(people, eq(people.id, officers.personId))
    .where(and(eq(identityChecks.id, id), inArray(dossiers.officeId, [...scope])));
  if (row === undefined) return null;
  const { check, slot, dossier, office, person } = row;
  const officerName = person === null ? null : `${person.givenName} ${person.surname}`;
  return { check, slot, dossier, office, officerName, evidence: await evidenceOfDossier(db, dossier.id) };
}

// Offices, organisations and the people in them.

import { and, eq } from "drizzle-orm";
import { type AuditEvent, appendAudit } from "../audit/audit-trail.ts";
import { ORGANISATION, type OrganisationEvent, type OrganisationState } from "../states/organisation-states.ts";
import { offices, organisations, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { Acting } from "./officers.ts";

export type RegistrationRefusal =
  | "unknown-organisation"
  | "organisation-not-open"
  | "number-known"
  | "unknown-person"
  | "unknown-office"
  | "time-zone";

export class RegistrationError extends Error {
  override readonly name = "RegistrationError";
  readonly refusal: RegistrationRefusal;
  constructor(refusal: RegistrationRefusal) {
    super(`registration refused: ${refusal}`);
    this.refusal = refusal;
  }
}

export interface NewOffice {
  readonly name: string;
  /** IANA: Europe/Paris. */
  readonly timeZone: string;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // what Intl throws for a name that it does not know
  }
}

/** @throws RegistrationError time-zone */
export async function addOffice(tx: Database, { name, timeZone }: NewOffice, { actor, now }: Acting): Promise<string> {
  if (!isTimeZone(timeZone)) throw new RegistrationError("time-zone");
  const [row] = await tx.insert(offices).values({ name, timeZone, createdAt: now }).returning({ id: offices.id });
  if (row === undefined) throw new Error("the database made no office");
  await appendAudit(tx, { at: now, actor, action: "office.add", subject: `office:${row.id}`, details: { name } });
  return row.id;
}

export interface NewOrganisation {
  readonly officeId: string;
  readonly name: string;
  /** ISO 3166, two letters. */
  readonly country: string;
  /** An association authorises applications (S7, S12). */
  readonly kind?: "company" | "association";
}

export async function requestOrganisation(tx: Database, organisation: NewOrganisation, { actor, now }: Acting): Promise<string> {
  const values = { ...organisation, state: "requested" as const, createdAt: now };
  const [row] = await tx.insert(organisations).values(values).returning({ id: organisations.id });
  if (row === undefined) throw new Error("the database made no organisation");
  const details = { name: organisation.name };
  await appendAudit(tx, { at: now, actor, action: "organisation.request", subject: `organisation:${row.id}`, details });
  return row.id;
}

/** Until the transaction ends nobody else changes it, adds somebody to it, or certifies somebody of it. @throws RegistrationError unknown-organisation */
export async function holdOrganisation(tx: Database, id: string): Promise<typeof organisations.$inferSelect> {
  const [row] = await tx.select().from(organisations).where(eq(organisations.id, id)).for("update");
  if (row === undefined) throw new RegistrationError("unknown-organisation");
  return row;
}

/** @throws RegistrationError unknown-organisation; StateError */
export async function changeOrganisation(
  tx: Database,
  id: string,
  event: OrganisationEvent,
  { actor, now }: Acting,
): Promise<OrganisationState> {
  const row = await holdOrganisation(tx, id);
  const state = ORGANISATION.after(row.state, event);
  await tx.update(organisations).set({ state }).where(eq(organisations.id, id));
  await appendAudit(tx, { at: now, actor, action: `organisation.${event}`, subject: `organisation:${id}` });
  return state;
}

/** An association that authorises applications (S7): open at once, since the officer who adds it has looked at it. @returns its id */
export async function addAssociation(tx: Database, association: Omit<NewOrganisation, "kind">, acting: Acting): Promise<string> {
  const id = await requestOrganisation(tx, { ...association, kind: "association" }, acting);
  await changeOrganisation(tx, id, "open", acting);
  return id;
}

export interface NewPerson {
  readonly organisationId: string;
  readonly givenName: string;
  readonly surname: string;
  readonly email: string;
  readonly language: "fr" | "en";
  /** The office's own number for them. */
  readonly number: string;
  /** Professional title, and membership of an association (S12). */
  readonly title?: string | null;
  readonly memberNumber?: string | null;
  readonly associationId?: string | null;
}

export interface AddedPerson {
  readonly id: string;
  /** To be appended by the caller, last of all. */
  readonly event: AuditEvent;
}

/** @throws RegistrationError organisation-not-open, number-known */
export async function insertPerson(tx: Database, person: NewPerson, { actor, now }: Acting): Promise<AddedPerson> {
  const open = and(eq(organisations.id, person.organisationId), eq(organisations.state, "open"));
  const [organisation] = await tx.select({ id: organisations.id }).from(organisations).where(open).for("share");
  if (organisation === undefined) throw new RegistrationError("organisation-not-open");
  // One form of each letter: whoever searches types another than the one that was pasted here.
  const names = { givenName: person.givenName.normalize("NFC"), surname: person.surname.normalize("NFC") };
  const [row] = await tx
    .insert(people)
    .values({ ...person, ...names, createdAt: now })
    .onConflictDoNothing({ target: people.number })
    .returning({ id: people.id });
  if (row === undefined) throw new RegistrationError("number-known");
  const details = { number: person.number };
  return { id: row.id, event: { at: now, actor, action: "person.add", subject: `person:${row.id}`, details } };
}

/** When nothing else follows in the transaction. @throws RegistrationError organisation-not-open, number-known */
export async function addPerson(tx: Database, person: NewPerson, acting: Acting): Promise<string> {
  const { id, event } = await insertPerson(tx, person, acting);
  await appendAudit(tx, event);
  return id;
}

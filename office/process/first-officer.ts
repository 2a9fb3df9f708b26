// The first start: a first desk, its own organisation, and the first officer, an administrator with a code to enrol by.

import { eq, sql } from "drizzle-orm";
import { type Acting, inviteOfficer } from "../registration/officers.ts";
import { addOffice, addPerson, changeOrganisation, requestOrganisation } from "../registration/organisations.ts";
import { officers, offices, settings } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { OfficeKindError } from "./start-errors.ts";

/** Any number that nobody else takes for an advisory lock of this database. */
const FIRST_START_LOCK = 0x5cea_0003;
const KIND_SETTING = "office.kind";

export interface FirstStart {
  readonly organisation: string;
  readonly country: string;
  readonly timeZone: string;
  readonly givenName: string;
  readonly surname: string;
  readonly email: string;
  readonly language: "fr" | "en";
}

/** What the store is was said at its first start. @throws OfficeKindError */
export async function keepKind(tx: Database, isDemo: boolean): Promise<void> {
  const value = isDemo ? "demo" : "office";
  await tx.insert(settings).values({ name: KIND_SETTING, value }).onConflictDoNothing();
  const [row] = await tx.select().from(settings).where(eq(settings.name, KIND_SETTING));
  if (row?.value !== value) throw new OfficeKindError(!isDemo);
}

async function addFirst(tx: Database, first: FirstStart, acting: Acting): Promise<string> {
  const { organisation, country, timeZone, givenName, surname, email, language } = first;
  const officeId = await addOffice(tx, { name: organisation, timeZone }, acting);
  const organisationId = await requestOrganisation(tx, { officeId, name: organisation, country }, acting);
  await changeOrganisation(tx, organisationId, "open", acting);
  const personId = await addPerson(tx, { organisationId, givenName, surname, email, language, number: "1" }, acting);
  const { link } = await inviteOfficer(tx, personId, [{ officeId, role: "administrator" }], acting);
  return link;
}

/** @returns the first officer's code, once; null: there is a desk already */
export function prepareFirstOfficer(store: Store, first: FirstStart, now: Date): Promise<string | null> {
  return store.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${FIRST_START_LOCK})`);
    const [known] = await tx.select({ id: offices.id }).from(offices).limit(1);
    return known === undefined ? addFirst(tx, first, { actor: "system", now }) : null;
  });
}

export async function hasActiveOfficer({ db }: Store): Promise<boolean> {
  const [row] = await db.select({ id: officers.id }).from(officers).where(eq(officers.state, "active")).limit(1);
  return row !== undefined;
}

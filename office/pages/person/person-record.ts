// A person as their sheet shows them.

import { and, asc, eq, inArray } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { OfficerState } from "../../states/officer-states.ts";
import type { OrganisationState } from "../../states/organisation-states.ts";
import type { TokenState } from "../../states/token-states.ts";
import { officers, offices, organisations, people, tokens } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { certificatesOfPerson, type ListedCertificate } from "../certificate/certificate-list.ts";
import { NothingThereError } from "../edge/visit.ts";

export interface PersonRecord {
  readonly person: typeof people.$inferSelect;
  /** The association that confirmed the status (S12). */
  readonly association: string | null;
  readonly organisation: { readonly id: string; readonly name: string; readonly country: string; readonly state: OrganisationState };
  readonly office: { readonly id: string; readonly name: string; readonly timeZone: string };
  /** null: no officer. */
  readonly officerState: OfficerState | null;
  readonly tokens: readonly { readonly serial: string; readonly model: string; readonly state: TokenState }[];
  readonly certificates: readonly ListedCertificate[];
}

const association = alias(organisations, "association");

/** @param scope the offices that the officer may look into @throws NothingThereError */
export async function personRecord(db: Database, id: string, scope: readonly string[]): Promise<PersonRecord> {
  const [row] = await db
    .select()
    .from(people)
    .innerJoin(organisations, eq(organisations.id, people.organisationId))
    .innerJoin(offices, eq(offices.id, organisations.officeId))
    .leftJoin(officers, eq(officers.personId, people.id))
    .leftJoin(association, eq(association.id, people.associationId))
    .where(and(eq(people.id, id), inArray(offices.id, [...scope])));
  if (row === undefined) throw new NothingThereError();
  const { serial, model, state } = tokens;
  // A token that another office gave them is that office's business.
  const own = and(eq(tokens.personId, id), inArray(tokens.officeId, [...scope]));
  return {
    person: row.people,
    association: row.association?.name ?? null,
    organisation: row.organisations,
    office: row.offices,
    officerState: row.officers?.state ?? null,
    tokens: await db.select({ serial, model, state }).from(tokens).where(own).orderBy(asc(serial)),
    certificates: await certificatesOfPerson(db, id),
  };
}

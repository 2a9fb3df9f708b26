// The officers of the offices that an administrator administers, and where they may invite somebody.

import { and, asc, eq, inArray } from "drizzle-orm";
import type { Assignment, Role } from "../../registration/roles.ts";
import type { OfficerState } from "../../states/officer-states.ts";
import { officerRoles, officers, offices, organisations, people } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";

export interface ListedOfficer {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly state: OfficerState;
  readonly assignments: readonly (Assignment & { readonly officeName: string })[];
  /** Every office that has to do with them is in scope. */
  readonly isOurs: boolean;
}

/** @param scope offices that the officer administers @param id only this one */
export async function listOfficers(db: Database, scope: readonly string[], id?: string): Promise<ListedOfficer[]> {
  const rows = await db
    .select()
    .from(officers)
    .innerJoin(people, eq(people.id, officers.personId))
    .innerJoin(organisations, eq(organisations.id, people.organisationId))
    .where(id === undefined ? undefined : eq(officers.id, id))
    .orderBy(asc(people.surname), asc(people.givenName), asc(officers.id));
  const roles = await db
    .select()
    .from(officerRoles)
    .innerJoin(offices, eq(offices.id, officerRoles.officeId))
    .where(id === undefined ? undefined : eq(officerRoles.officerId, id))
    .orderBy(asc(offices.name), asc(officerRoles.role));
  const all = rows.map(
    ({ officers: { id: officerId, state }, people: { id: personId, givenName, surname, email }, organisations: { officeId } }) => {
      const own = roles.filter((role) => role.officer_roles.officerId === officerId);
      const assignments = own.map((role) => ({
        officeId: role.offices.id,
        officeName: role.offices.name,
        role: role.officer_roles.role as Role,
      }));
      const theirOffices = assignments.length === 0 ? [officeId] : assignments.map((assignment) => assignment.officeId);
      return {
        id: officerId,
        personId,
        name: `${givenName} ${surname}`,
        email,
        state,
        assignments: assignments.filter((assignment) => scope.includes(assignment.officeId)),
        isSeen: theirOffices.some((office) => scope.includes(office)),
        isOurs: theirOffices.every((office) => scope.includes(office)),
      };
    },
  );
  return all.filter(({ isSeen }) => isSeen);
}

export interface Places {
  readonly offices: readonly { readonly id: string; readonly name: string }[];
  /** Those that are open. */
  readonly organisations: readonly { readonly id: string; readonly name: string }[];
}

export async function placesOf(db: Database, scope: readonly string[]): Promise<Places> {
  const own = { id: offices.id, name: offices.name };
  const open = and(inArray(organisations.officeId, [...scope]), eq(organisations.state, "open"));
  return {
    offices: await db
      .select(own)
      .from(offices)
      .where(inArray(offices.id, [...scope]))
      .orderBy(asc(offices.name)),
    organisations: await db
      .select({ id: organisations.id, name: organisations.name })
      .from(organisations)
      .where(open)
      .orderBy(asc(organisations.name)),
  };
}

/** A person who is to become an officer; null: there is none in these offices, or they are one already. */
export async function candidate(db: Database, personId: string, scope: readonly string[]): Promise<typeof people.$inferSelect | null> {
  const [row] = await db
    .select()
    .from(people)
    .innerJoin(organisations, eq(organisations.id, people.organisationId))
    .leftJoin(officers, eq(officers.personId, people.id))
    .where(and(eq(people.id, personId), inArray(organisations.officeId, [...scope])));
  return row === undefined || row.officers !== null ? null : row.people;
}

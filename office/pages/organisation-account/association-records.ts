// Associations as officers see them, with how many applications depend on each.

import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { OrganisationState } from "../../states/organisation-states.ts";
import { offices, organisations } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { NothingThereError } from "../edge/visit.ts";

export const ASSOCIATION_PAGE_ROWS = 20;

export interface AssociationRecord {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly state: OrganisationState;
  /** The office's name. */
  readonly office: string;
  /** People whose membership it confirmed. */
  readonly members: number;
  /** Dossiers that it authorises, from the draft to the activation. */
  readonly underWay: number;
}

const membersOf = sql<number>`(select count(*)::int from people p where p.association_id = organisations.id)`;
const underWayOf = sql<number>`(select count(*)::int from dossiers d where d.association_id = organisations.id
  and d.state not in ('active', 'rejected', 'cancelled', 'expired'))`;

const records = (db: Database, which: SQL | undefined) =>
  db
    .select({
      id: organisations.id,
      name: organisations.name,
      country: organisations.country,
      state: organisations.state,
      office: offices.name,
      members: membersOf,
      underWay: underWayOf,
    })
    .from(organisations)
    .innerJoin(offices, eq(offices.id, organisations.officeId))
    .where(and(eq(organisations.kind, "association"), which))
    .orderBy(asc(organisations.name), asc(organisations.id));

/** @param scope the offices that the officer may look into @returns one more than a page has, when there are more */
export function associationsIn(db: Database, scope: readonly string[], page: number): Promise<AssociationRecord[]> {
  return records(db, inArray(organisations.officeId, [...scope]))
    .limit(ASSOCIATION_PAGE_ROWS + 1)
    .offset((page - 1) * ASSOCIATION_PAGE_ROWS);
}

/** @throws NothingThereError */
export async function associationRecord(db: Database, id: string, scope: readonly string[]): Promise<AssociationRecord> {
  const [row] = await records(db, and(eq(organisations.id, id), inArray(organisations.officeId, [...scope])));
  if (row === undefined) throw new NothingThereError();
  return row;
}

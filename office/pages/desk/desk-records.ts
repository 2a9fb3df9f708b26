// Dossiers that wait for their activation, as the desk shows them.

import { and, asc, eq, inArray } from "drizzle-orm";
import type { ActivationState } from "../../states/activation-states.ts";
import { activations, dossiers } from "../../store/application-schema.ts";
import { offices, organisations } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { NothingThereError } from "../edge/visit.ts";

export interface DeskRecord {
  readonly dossier: typeof dossiers.$inferSelect;
  readonly office: { readonly name: string; readonly timeZone: string };
  /** The corporate account's name; null: the person applied on their own. */
  readonly organisation: string | null;
  /** Of the reference number; null: none is open. */
  readonly activation: ActivationState | null;
}

const MAX_ROWS = 200;
const OPEN: readonly ActivationState[] = ["created", "mailed", "locked"];

const query = (db: Database) =>
  db
    .select({ dossier: dossiers, office: offices, organisation: organisations.name, activation: activations.state })
    .from(dossiers)
    .innerJoin(offices, eq(offices.id, dossiers.officeId))
    .leftJoin(organisations, eq(organisations.id, dossiers.organisationId))
    .leftJoin(activations, and(eq(activations.dossierId, dossiers.id), inArray(activations.state, [...OPEN])));

/** @param scope the offices that the officer may provision in */
export function deskRecords(db: Database, scope: readonly string[]): Promise<DeskRecord[]> {
  return query(db)
    .where(and(eq(dossiers.state, "activation_ready"), inArray(dossiers.officeId, [...scope])))
    .orderBy(asc(dossiers.surname), asc(dossiers.givenName), asc(dossiers.id))
    .limit(MAX_ROWS);
}

/** @throws NothingThereError */
export async function deskRecord(db: Database, id: string, scope: readonly string[]): Promise<DeskRecord> {
  const [row] = await query(db)
    .where(and(eq(dossiers.id, id), inArray(dossiers.officeId, [...scope])))
    .limit(1);
  if (row === undefined) throw new NothingThereError();
  return row;
}

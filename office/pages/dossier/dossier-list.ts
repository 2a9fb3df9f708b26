// The officers' work list: what waits for them, and dossiers by where they are. Nobody but the applicant sees what is still being filled in.

import { and, asc, desc, eq, inArray, ne, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Officer } from "../../registration/officers.ts";
import type { DossierState } from "../../states/dossier-states.ts";
import type { PaymentState } from "../../states/payment-states.ts";
import { dossiers } from "../../store/application-schema.ts";
import { organisations } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { contains } from "../search/search-records.ts";
import { waitingFor } from "./dossier-tasks.ts";

export const DOSSIER_LISTS = ["waiting", "identity", "approval", "activation", "payment", "over"] as const;
export type DossierList = (typeof DOSSIER_LISTS)[number];

const PAGE_ROWS = 20;

const STATES: Readonly<Record<Exclude<DossierList, "waiting" | "payment">, readonly DossierState[]>> = {
  identity: ["submitted", "identity_pending", "identity_failed"],
  approval: ["identity_verified"],
  activation: ["approved", "activation_ready"],
  over: ["active", "rejected", "cancelled", "expired"],
};
const UNPAID: readonly DossierState[] = ["submitted", "identity_pending", "identity_verified"];

export interface DossierQuery {
  readonly list: DossierList;
  /** As it was typed: a part of number, name or e-mail. */
  readonly q: string;
  /** From 1. */
  readonly page: number;
}

export interface DossierRow {
  readonly id: string;
  readonly number: string;
  readonly officeId: string;
  readonly name: string;
  readonly email: string;
  readonly association: string | null;
  readonly organisation: string | null;
  readonly state: DossierState;
  readonly payment: PaymentState;
  readonly verifierId: string | null;
}

function listed(list: DossierList, officer: Officer): SQL | undefined {
  if (list === "waiting") return waitingFor(officer);
  if (list === "payment") return and(eq(dossiers.payment, "due"), inArray(dossiers.state, [...UNPAID]));
  return inArray(dossiers.state, [...STATES[list]]);
}

/** Every word has to be somewhere; what is typed is never a pattern. */
function matching(text: string): SQL {
  const haystack = sql`(${dossiers.number} || ' ' || ${dossiers.givenName} || ' ' || ${dossiers.surname} || ' ' || ${dossiers.email})`;
  const words = text.split(/\s+/).filter((word) => word !== "");
  return contains(haystack, words);
}

const association = alias(organisations, "association");

/** @param scope the officer's offices, at least one */
export async function listDossiers(
  db: Database,
  { list, q, page }: DossierQuery,
  officer: Officer,
  scope: readonly string[],
): Promise<{ readonly rows: readonly DossierRow[]; readonly hasNext: boolean }> {
  const theirs = and(inArray(dossiers.officeId, [...scope]), ne(dossiers.state, "draft"));
  const order = list === "over" ? desc(dossiers.createdAt) : asc(dossiers.createdAt);
  const rows = await db
    .select({
      id: dossiers.id,
      number: dossiers.number,
      officeId: dossiers.officeId,
      name: sql<string>`${dossiers.givenName} || ' ' || ${dossiers.surname}`,
      email: dossiers.email,
      association: association.name,
      organisation: organisations.name,
      state: dossiers.state,
      payment: dossiers.payment,
      verifierId: dossiers.verifierId,
    })
    .from(dossiers)
    .leftJoin(association, eq(association.id, dossiers.associationId))
    .leftJoin(organisations, eq(organisations.id, dossiers.organisationId))
    .where(and(theirs, listed(list, officer), matching(q)))
    .orderBy(order, asc(dossiers.id))
    .limit(PAGE_ROWS + 1)
    .offset((page - 1) * PAGE_ROWS);
  return { rows: rows.slice(0, PAGE_ROWS), hasNext: rows.length > PAGE_ROWS };
}

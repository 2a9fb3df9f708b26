// A dossier's row: held, moved from state to state, audited. Whoever changes one holds, in this order: the account, the organisation, the dossier, what
// hangs on it; the audit event is appended last.

import { and, asc, desc, eq } from "drizzle-orm";
import { type AuditDetails, type AuditEvent, appendAudit } from "../audit/audit-trail.ts";
import type { Acting } from "../registration/officers.ts";
import { DOSSIER, type DossierEvent, type DossierState } from "../states/dossier-states.ts";
import { accounts, dossiers } from "../store/application-schema.ts";
import { organisations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { DossierError } from "./dossier-error.ts";

export type Dossier = typeof dossiers.$inferSelect;
export type HeldAccount = typeof accounts.$inferSelect;

const OVER: readonly DossierState[] = ["rejected", "cancelled", "expired"];
/** It ended without a certificate. */
export const isOver = (state: DossierState): boolean => OVER.includes(state);
/** Somebody still has to do something. */
export const isUnderWay = (state: DossierState): boolean => state !== "active" && !isOver(state);

/** Of an account nothing else begins or ends until the transaction does. @throws DossierError unknown */
export async function holdAccount(tx: Database, id: string): Promise<HeldAccount> {
  const [row] = await tx.select().from(accounts).where(eq(accounts.id, id)).for("update");
  if (row === undefined) throw new DossierError("unknown");
  return row;
}

/** @throws DossierError unknown */
export async function dossierOf(db: Database, id: string): Promise<Dossier> {
  const [row] = await db.select().from(dossiers).where(eq(dossiers.id, id));
  if (row === undefined) throw new DossierError("unknown");
  return row;
}

/** An account's, the newest first. */
export const dossiersOf = (db: Database, accountId: string): Promise<Dossier[]> =>
  db.select().from(dossiers).where(eq(dossiers.accountId, accountId)).orderBy(desc(dossiers.createdAt), asc(dossiers.id));

/** @throws DossierError unknown */
export async function holdDossier(tx: Database, id: string): Promise<Dossier> {
  const [row] = await tx.select().from(dossiers).where(eq(dossiers.id, id)).for("update");
  if (row === undefined) throw new DossierError("unknown");
  return row;
}

/** Until the transaction ends nobody closes it. @throws DossierError organisation-not-open */
export async function holdOpenOrganisation(tx: Database, id: string): Promise<typeof organisations.$inferSelect> {
  const open = and(eq(organisations.id, id), eq(organisations.state, "open"));
  const [row] = await tx.select().from(organisations).where(open).for("share");
  if (row === undefined) throw new DossierError("organisation-not-open");
  return row;
}

/**
 * A dossier that goes on: of an organisation's people only while its corporate account is open (S9).
 * @throws DossierError unknown, organisation-not-open
 */
export async function holdGoingDossier(tx: Database, id: string): Promise<Dossier> {
  const { organisationId } = await dossierOf(tx, id); // never changes
  if (organisationId !== null) await holdOpenOrganisation(tx, organisationId);
  return holdDossier(tx, id);
}

/** An applicant's own (S10). @throws DossierError unknown, organisation-not-open */
export async function holdOwnDossier(tx: Database, id: string, accountId: string): Promise<Dossier> {
  const { accountId: owner } = await dossierOf(tx, id); // never changes
  if (owner !== accountId) throw new DossierError("unknown");
  return holdGoingDossier(tx, id);
}

/** Without an audit event: the caller appends it, last. @returns the row as it is now @throws StateError */
export async function moveDossier(tx: Database, dossier: Dossier, event: DossierEvent, values: Partial<Dossier> = {}): Promise<Dossier> {
  const state = DOSSIER.after(dossier.state, event);
  const [row] = await tx
    .update(dossiers)
    .set({ ...values, state })
    .where(eq(dossiers.id, dossier.id))
    .returning();
  if (row === undefined) throw new DossierError("unknown");
  return row;
}

/** What the trail says of it. */
export const dossierEvent = (
  id: string,
  event: DossierEvent | "begin",
  { actor, now }: Acting,
  details: AuditDetails = {},
): AuditEvent => ({
  at: now,
  actor,
  action: `dossier.${event}`,
  subject: `dossier:${id}`,
  details,
});

export async function auditDossier(
  tx: Database,
  id: string,
  event: DossierEvent | "begin",
  acting: Acting,
  details: AuditDetails = {},
): Promise<void> {
  await appendAudit(tx, dossierEvent(id, event, acting, details));
}

/** When nothing else follows in the transaction. @throws StateError */
export async function changeDossier(
  tx: Database,
  dossier: Dossier,
  event: DossierEvent,
  acting: Acting,
  values: Partial<Dossier> = {},
  details: AuditDetails = {},
): Promise<Dossier> {
  const moved = await moveDossier(tx, dossier, event, values);
  await auditDossier(tx, dossier.id, event, acting, details);
  return moved;
}

// A corporate account's manager asks somebody to apply. The invitation belongs to a mailbox: only whoever proves it begins, and the form is theirs alone (S10).

import { and, asc, eq, gt, gte, isNull, notInArray } from "drizzle-orm";
import { dossiers, organisationInvitations } from "../store/application-schema.ts";
import { organisations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { DossierError } from "./dossier-error.ts";
import type { HeldAccount } from "./dossiers.ts";

export type Invitation = typeof organisationInvitations.$inferSelect;

/** A dossier since the invitation: it is used. One that ended without a certificate does not count. */
async function isUsed(db: Database, { organisationId, invitedAt }: Invitation, accountId: string): Promise<boolean> {
  const [begun] = await db
    .select({ id: dossiers.id })
    .from(dossiers)
    .where(
      and(
        eq(dossiers.accountId, accountId),
        eq(dossiers.organisationId, organisationId),
        gte(dossiers.createdAt, invitedAt),
        notInArray(dossiers.state, ["cancelled", "expired"]),
      ),
    )
    .limit(1);
  return begun !== undefined;
}

/** Holds it; the account is held. @throws DossierError not-invited, invitation-used */
export async function holdInvitation(tx: Database, id: string, account: HeldAccount, now: Date): Promise<Invitation> {
  const [row] = await tx.select().from(organisationInvitations).where(eq(organisationInvitations.id, id)).for("share");
  if (row === undefined || row.email !== account.email || row.withdrawnAt !== null || row.expiresAt <= now) {
    throw new DossierError("not-invited");
  }
  if (await isUsed(tx, row, account.id)) throw new DossierError("invitation-used");
  return row;
}

export interface OpenInvitation {
  readonly id: string;
  readonly organisationId: string;
  readonly organisation: string;
  readonly expiresAt: Date;
}

/** Those that this mailbox may still take up, the first that ends first. */
export async function invitationsFor(
  db: Database,
  account: { readonly id: string; readonly email: string },
  now: Date,
): Promise<OpenInvitation[]> {
  const rows = await db
    .select({ invitation: organisationInvitations, organisation: organisations.name })
    .from(organisationInvitations)
    .innerJoin(organisations, and(eq(organisations.id, organisationInvitations.organisationId), eq(organisations.state, "open")))
    .where(
      and(
        eq(organisationInvitations.email, account.email),
        isNull(organisationInvitations.withdrawnAt),
        gt(organisationInvitations.expiresAt, now),
      ),
    )
    .orderBy(asc(organisationInvitations.expiresAt));
  const open: OpenInvitation[] = [];
  for (const { invitation, organisation } of rows) {
    if (await isUsed(db, invitation, account.id)) continue;
    const { id, organisationId, expiresAt } = invitation;
    open.push({ id, organisationId, organisation, expiresAt });
  }
  return open;
}

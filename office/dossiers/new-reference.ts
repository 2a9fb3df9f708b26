// Another reference number: the mail was lost, or the number's time is over. Whoever asks, it goes to the applicant's proved mailbox and nowhere else.

import type { ApplicationDesk } from "../applications/application-desk.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { spendTry } from "../registration/limits.ts";
import { type Officer, officer } from "../registration/officers.ts";
import { isPermitted, NotPermittedError, type Permission } from "../registration/roles.ts";
import type { Database } from "../store/store.ts";
import { DecisionError } from "./decision-error.ts";
import { DossierError } from "./dossier-error.ts";
import { type Dossier, dossierOf, holdGoingDossier } from "./dossiers.ts";
import { holdOpenActivation, prepareActivation } from "./prepare-activation.ts";

const NUMBERS_A_DAY = 5;
/** The helpdesk's, too: it sees no number. */
const PERMISSIONS: readonly Permission[] = ["approve", "unlock"];

/** It waits for its activation, or could. */
export const mayHaveReference = ({ state }: Pick<Dossier, "state">): boolean => state === "approved" || state === "activation_ready";

export type Asking = { readonly accountId: string } | { readonly officerId: string };

export const maySendReference = ({ assignments }: Pick<Officer, "assignments">, officeId: string): boolean =>
  PERMISSIONS.some((permission) => isPermitted(assignments, permission, officeId));

async function requireMayAsk(db: Database, dossier: Dossier, asking: Asking): Promise<void> {
  if ("accountId" in asking) {
    if (dossier.accountId !== asking.accountId) throw new DossierError("unknown");
    return;
  }
  const asker = await officer(db, asking.officerId);
  if (asker.state !== "active" || !maySendReference(asker, dossier.officeId)) throw new NotPermittedError("approve");
}

/**
 * For an applicant, wrong answers count on: a new number gives no new tries, and where they are used up an officer has to unlock.
 * @throws DossierError unknown, organisation-not-open; NotPermittedError; DecisionError locked; LimitError; StateError
 */
export async function newReference(desk: ApplicationDesk, dossierId: string, asking: Asking): Promise<void> {
  const { store, clock } = desk;
  const now = clock.now();
  await requireMayAsk(store.db, await dossierOf(store.db, dossierId), asking); // nobody else spends its numbers
  await spendTry(store, [{ subject: `reference of dossier ${dossierId}`, count: NUMBERS_A_DAY, windowMs: DAY_MS }], now);
  const isApplicant = "accountId" in asking;
  const actor = isApplicant ? `account:${asking.accountId}` : `officer:${asking.officerId}`;
  await store.transaction(async (tx) => {
    const dossier = await holdGoingDossier(tx, dossierId);
    await requireMayAsk(tx, dossier, asking);
    const open = await holdOpenActivation(tx, dossierId);
    if (isApplicant && open?.state === "locked") throw new DecisionError("locked");
    await prepareActivation(tx, desk, dossier, { actor, now }, { isContinued: isApplicant || dossier.certificateId !== null });
  });
}

// An approver's decision about a dossier (S12): another person than whoever checked the identity, with payment settled and the association's status
// confirmed that day. Approval makes the person and sends the reference number: person, dossier, activation, mail and audit trail are one transaction.

import { eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { DAY_MS, later } from "../issuance/clock.ts";
import { queueMail } from "../mail/outbox.ts";
import { refusedMail } from "../mail/templates/refused.ts";
import { officer, requirePermission } from "../registration/officers.ts";
import { NotPermittedError } from "../registration/roles.ts";
import { DOSSIER, type DossierState } from "../states/dossier-states.ts";
import { accounts } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { certifiedPerson, holdAssociation } from "./certified-person.ts";
import { DecisionError, type DecisionRefusal } from "./decision-error.ts";
import { changeDossier, type Dossier, dossierEvent, dossierOf, holdDossier, holdGoingDossier, moveDossier } from "./dossiers.ts";
import { noteOf } from "./note.ts";
import { isSettled } from "./payment.ts";
import { prepareActivation } from "./prepare-activation.ts";
import { samePersonProblem } from "./same-person.ts";

/** Whoever does not activate for so long is not in anybody's mind as confirmed any more. */
const APPROVAL_LIFE_MS = 90 * DAY_MS;
/** Where an approval leads, sooner or later. */
const APPROVED: readonly DossierState[] = ["approved", "activation_ready", "active"];

/** @throws NotPermittedError */
async function requireApprover(tx: Database, officerId: string, { officeId }: Dossier): Promise<void> {
  const approver = await officer(tx, officerId);
  requirePermission(approver, "approve", officeId);
  if (approver.state !== "active") throw new NotPermittedError("approve");
}

/** Why this officer can't approve the dossier as it is; null: nothing is in the way. Of the association, only the approval itself tells. */
export async function approvalObstacle(db: Database, dossier: Dossier, officerId: string): Promise<DecisionRefusal | null> {
  return (await samePersonProblem(db, officerId, dossier)) ?? (isSettled(dossier.payment) ? null : "payment-due");
}

/** @throws DecisionError */
function requireNothingInTheWay(obstacle: DecisionRefusal | null): void {
  if (obstacle !== null) throw new DecisionError(obstacle);
}

export interface ApprovalOrder {
  readonly officerId: string;
  /** What the approver saw of the status on that day: where, and what it said. */
  readonly statusNote: string;
}

/**
 * @returns isNew false: this officer approved it before, and nothing has changed
 * @throws DossierError unknown, organisation-not-open; NotPermittedError; StateError; RegistrationError;
 *   DecisionError note-missing, same-officer, own-dossier, payment-due, no-organisation, association-not-open, not-certifiable
 */
export function approveDossier(
  desk: ApplicationDesk,
  dossierId: string,
  { officerId, statusNote: text }: ApprovalOrder,
): Promise<{ readonly personId: string; readonly isNew: boolean }> {
  const statusNote = noteOf(text);
  return desk.store.transaction(async (tx) => {
    const association = await holdAssociation(tx, (await dossierOf(tx, dossierId)).associationId);
    const dossier = await holdGoingDossier(tx, dossierId);
    await requireApprover(tx, officerId, dossier);
    if (APPROVED.includes(dossier.state) && dossier.approverId === officerId && dossier.personId !== null) {
      return { personId: dossier.personId, isNew: false };
    }
    DOSSIER.after(dossier.state, "approve");
    requireNothingInTheWay(await approvalObstacle(tx, dossier, officerId));
    if (dossier.associationId !== (association?.id ?? null)) throw new DecisionError("association-not-open"); // changed meanwhile
    const now = desk.clock.now();
    const acting = { actor: `officer:${officerId}`, now };
    const { id: personId, event: person } = await certifiedPerson(tx, dossier, association, acting);
    const values = { approverId: officerId, decidedAt: now, statusNote, personId, expiresAt: later(now, APPROVAL_LIFE_MS) };
    const approved = await moveDossier(tx, dossier, "approve", values);
    const { payment, verifierId, associationId } = dossier;
    const details = { payment, verifier: verifierId, person: personId, association: associationId };
    // Appended at the very end: whoever withdraws this officer, or closes the organisation, holds what this waits for, and waits for the trail's end.
    const audited = [person, dossierEvent(dossierId, "approve", acting, details)];
    await prepareActivation(tx, desk, approved, acting, { audited });
    return { personId, isNew: true };
  });
}

export interface RejectionOrder {
  readonly officerId: string;
  /** The applicant reads it. */
  readonly reason: string;
}

/**
 * @returns isNew false: it was rejected before, and nothing has changed
 * @throws DossierError unknown; NotPermittedError; StateError; DecisionError note-missing, same-officer, own-dossier
 */
export function rejectDossier(
  { store, clock, sealing, publicUrl }: ApplicationDesk,
  dossierId: string,
  { officerId, reason: text }: RejectionOrder,
): Promise<{ readonly isNew: boolean }> {
  const reason = noteOf(text);
  return store.transaction(async (tx) => {
    const dossier = await holdDossier(tx, dossierId);
    await requireApprover(tx, officerId, dossier);
    if (dossier.state === "rejected") return { isNew: false };
    DOSSIER.after(dossier.state, "reject");
    requireNothingInTheWay(await samePersonProblem(tx, officerId, dossier));
    const now = clock.now();
    const { givenName, surname, number, accountId, language } = dossier;
    const [account] = await tx.select({ email: accounts.email }).from(accounts).where(eq(accounts.id, accountId));
    if (account === undefined) throw new Error("a dossier of nobody");
    const facts = { to: account.email, publicUrl, name: `${givenName} ${surname}`, number, reason };
    await queueMail(tx, sealing, "refused", refusedMail(language, facts), now);
    const acting = { actor: `officer:${officerId}`, now };
    await changeDossier(tx, dossier, "reject", acting, { approverId: officerId, decidedAt: now, reason }, { payment: dossier.payment });
    return { isNew: true };
  });
}

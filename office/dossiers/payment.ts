// The payment gate (S9): an officer marks a dossier paid or waived, with why, or takes that back. What an organisation's account covers is never due.

import { eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { officer, requirePermission } from "../registration/officers.ts";
import type { DossierState } from "../states/dossier-states.ts";
import { PAYMENT, type PaymentEvent, type PaymentState } from "../states/payment-states.ts";
import { dossiers } from "../store/application-schema.ts";
import { DecisionError } from "./decision-error.ts";
import { holdDossier } from "./dossiers.ts";
import { noteOf } from "./note.ts";
import { isApplicant } from "./same-person.ts";

export type PaymentDecision = Exclude<PaymentEvent, "cover">;

/** Until it is approved, or over. */
const CHANGEABLE: readonly DossierState[] = ["submitted", "identity_pending", "identity_verified", "identity_failed"];

/** What may be decided about the payment of a dossier now. */
export function paymentDecisions(state: DossierState, payment: PaymentState): PaymentDecision[] {
  if (!CHANGEABLE.includes(state)) return [];
  return (["pay", "waive", "undo"] as const).filter((decision) => PAYMENT.allows(payment, decision));
}

/** Nothing is waited for. */
export const isSettled = (payment: PaymentState): boolean => payment !== "due";

export interface PaymentOrder {
  readonly officerId: string;
  readonly decision: PaymentDecision;
  /** How it was paid, or why it is waived or was a mistake. */
  readonly note: string;
}

/**
 * @returns isNew false: the same was decided before, and nothing has changed
 * @throws DossierError unknown; NotPermittedError; DecisionError note-missing, own-dossier, payment-decided; StateError
 */
export function decidePayment(
  { store, clock }: ApplicationDesk,
  dossierId: string,
  { officerId, decision, note: text }: PaymentOrder,
): Promise<{ readonly payment: PaymentState; readonly isNew: boolean }> {
  const note = noteOf(text);
  return store.transaction(async (tx) => {
    const dossier = await holdDossier(tx, dossierId);
    requirePermission(await officer(tx, officerId), "payments", dossier.officeId);
    const isDone = PAYMENT.allows("due", decision) && PAYMENT.after("due", decision) === dossier.payment;
    if (isDone) return { payment: dossier.payment, isNew: false };
    if (!CHANGEABLE.includes(dossier.state)) throw new DecisionError("payment-decided");
    if (await isApplicant(tx, officerId, dossier)) throw new DecisionError("own-dossier");
    const payment = PAYMENT.after(dossier.payment, decision);
    const now = clock.now();
    await tx
      .update(dossiers)
      .set({ payment, paymentOfficerId: officerId, paymentNote: note, paymentAt: now })
      .where(eq(dossiers.id, dossierId));
    const actor = `officer:${officerId}`;
    await appendAudit(tx, { at: now, actor, action: `payment.${decision}`, subject: `dossier:${dossierId}`, details: { note } });
    return { payment, isNew: true };
  });
}

// What too many tries have locked, as an officer with `unlock` sees it: mailboxes belong to no office; questions and activations to a
// dossier's, legal representatives to an organisation's.

import { lockedMailboxes } from "../../accounts/locked-mailboxes.ts";
import { lockedActivations } from "../../activation/opening.ts";
import { lockedQuestionSets } from "../../dossiers/question-sets.ts";
import type { Lockable } from "../../mail/templates/locked.ts";
import { lockedRepresentatives } from "../../representatives/representative.ts";
import type { Database } from "../../store/store.ts";

export interface LockedThing {
  readonly kind: Lockable;
  readonly id: string;
  readonly email: string;
  /** An activation's dossier. */
  readonly dossier: { readonly id: string; readonly number: string } | null;
}

/** @param scope offices, by their ids */
export async function lockedThings(db: Database, scope: readonly string[]): Promise<LockedThing[]> {
  const mailboxes = (await lockedMailboxes(db)).map(({ id, email }) => ({ kind: "mailbox" as const, id, email, dossier: null }));
  const questions = (await lockedQuestionSets(db, scope)).map(({ id, email }) => ({
    kind: "questions" as const,
    id,
    email,
    dossier: null,
  }));
  const activations = (await lockedActivations(db, scope)).map(({ id, email, dossierId, number }) => {
    return { kind: "activation" as const, id, email, dossier: { id: dossierId, number } };
  });
  const representatives = (await lockedRepresentatives(db, scope)).map(({ organisationId: id, email }) => {
    return { kind: "representative" as const, id, email, dossier: null };
  });
  return [...mailboxes, ...questions, ...activations, ...representatives];
}

// Opening an activation (S15): the reference number from the mail and the three answers, or an officer who has the person in front of them. Either
// gives a session, by which the holder's program goes on for an hour. A try is counted before an answer is compared.

import { and, asc, eq, gte, inArray, or } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { holdDossier, holdGoingDossier } from "../dossiers/dossiers.ts";
import { checkAnswers, MAX_ANSWER_TRIES, QuestionSetError, questionsOf, unlockQuestions } from "../dossiers/question-sets.ts";
import { QUESTIONS_A_SET, type Question } from "../dossiers/questions.ts";
import { readReferenceNumber } from "../dossiers/reference-number.ts";
import { isApplicant } from "../dossiers/same-person.ts";
import { HOUR_MS, later } from "../issuance/clock.ts";
import { queueMail } from "../mail/outbox.ts";
import { lockedMail } from "../mail/templates/locked.ts";
import { unlockedMail } from "../mail/templates/unlocked.ts";
import { type Officer, requirePermission } from "../registration/officers.ts";
import { newSecret } from "../registration/secret.ts";
import { ACTIVATION } from "../states/activation-states.ts";
import { accounts, activationSessions, activations, dossiers, questionSets } from "../store/application-schema.ts";
import { offices } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { ActivationError } from "./activation-error.ts";
import { type Activation, type Dossier, holdActivation, requireOpen } from "./activation-record.ts";

export const SESSION_MS = HOUR_MS;
export const MAX_ACTIVATION_TRIES = 5;

export interface OpenedActivation {
  readonly activationId: string;
  readonly dossierId: string;
  /** The office's name. */
  readonly office: string;
  readonly questions: readonly Question[];
  readonly triesLeft: number;
}

export interface OpenSession {
  /** 43 characters. */
  readonly session: string;
  readonly expiresAt: Date;
  readonly activationId: string;
  readonly dossierId: string;
}

interface Found {
  readonly activation: Activation;
  readonly dossier: Dossier;
}

/** A server that died between the fifth try and its comparison has spent it all the same. */
const isLocked = ({ state, failedTries }: Activation): boolean => state === "locked" || failedTries >= MAX_ACTIVATION_TRIES;

function requireTries(activation: Activation, now: Date): void {
  if (activation.state !== "used" && activation.state !== "expired" && isLocked(activation)) throw new ActivationError("locked");
  requireOpen(activation, now);
}

/** @throws ActivationError reference, expired, used, locked, not-ready */
async function find({ store, clock }: ApplicationDesk, typed: string): Promise<Found> {
  const digest = readReferenceNumber(typed)?.digest ?? null;
  if (digest === null) throw new ActivationError("reference");
  const [row] = await store.db
    .select({ activation: activations, dossier: dossiers })
    .from(activations)
    .innerJoin(dossiers, eq(dossiers.id, activations.dossierId))
    .where(eq(activations.digest, digest));
  if (row === undefined) throw new ActivationError("reference");
  requireTries(row.activation, clock.now());
  if (row.dossier.state !== "activation_ready") throw new ActivationError("not-ready");
  return row;
}

/** What the account's questions have left; all of them when there are none to be locked. */
async function questionTries(db: Database, accountId: string): Promise<number> {
  const [set] = await db.select().from(questionSets).where(eq(questionSets.accountId, accountId));
  if (set === undefined) return MAX_ANSWER_TRIES;
  return set.state === "locked" ? 0 : Math.max(0, MAX_ANSWER_TRIES - set.failedTries);
}

/** What a reference number leads to. @throws ActivationError reference, expired, used, locked, not-ready */
export async function openActivation(desk: ApplicationDesk, typed: string): Promise<OpenedActivation> {
  const { db } = desk.store;
  const { activation, dossier } = await find(desk, typed);
  const questions = await questionsOf(db, dossier.accountId);
  if (questions.length !== QUESTIONS_A_SET) throw new ActivationError("not-ready");
  const triesLeft = Math.min(MAX_ACTIVATION_TRIES - activation.failedTries, await questionTries(db, dossier.accountId));
  if (triesLeft <= 0) throw new ActivationError("locked");
  const [office] = await db.select({ name: offices.name }).from(offices).where(eq(offices.id, dossier.officeId));
  return { activationId: activation.id, dossierId: dossier.id, office: office?.name ?? "", questions, triesLeft };
}

/** In a transaction of its own. @returns how many are left @throws ActivationError locked, … */
async function spendTry({ store, clock }: ApplicationDesk, id: string): Promise<number> {
  return store.transaction(async (tx) => {
    const row = await holdActivation(tx, id);
    requireTries(row, clock.now());
    const failedTries = row.failedTries + 1;
    await tx.update(activations).set({ failedTries }).where(eq(activations.id, id));
    return MAX_ACTIVATION_TRIES - failedTries;
  });
}

/** The holder learns that somebody has tried, and that they may try again. */
async function tell(tx: Database, desk: ApplicationDesk, dossierId: string, template: "locked" | "unlocked"): Promise<void> {
  const [to] = await tx
    .select({ email: accounts.email, language: dossiers.language })
    .from(dossiers)
    .innerJoin(accounts, eq(accounts.id, dossiers.accountId))
    .where(eq(dossiers.id, dossierId));
  if (to === undefined) throw new Error("a dossier without its account");
  const facts = { to: to.email, publicUrl: desk.publicUrl, what: "activation" as const };
  const mail = template === "locked" ? lockedMail(to.language, facts) : unlockedMail(to.language, facts);
  await queueMail(tx, desk.sealing, template, mail, desk.clock.now());
}

async function lock(desk: ApplicationDesk, id: string): Promise<void> {
  const { store, clock } = desk;
  await store.transaction(async (tx) => {
    const row = await holdActivation(tx, id);
    if (!ACTIVATION.allows(row.state, "lock")) return;
    await tx
      .update(activations)
      .set({ state: ACTIVATION.after(row.state, "lock") })
      .where(eq(activations.id, id));
    await tell(tx, desk, row.dossierId, "locked");
    await appendAudit(tx, { at: clock.now(), actor: "unknown", action: "activation.lock", subject: `activation:${id}` });
  });
}

/** @throws ActivationError locked */
async function areRight(desk: ApplicationDesk, { accountId }: Dossier, answers: Readonly<Record<string, string>>) {
  try {
    return await checkAnswers(desk, accountId, answers, QUESTIONS_A_SET);
  } catch (error) {
    if (error instanceof QuestionSetError && error.refusal === "locked") return { isRight: false, triesLeft: 0 };
    throw error;
  }
}

async function addSession(tx: Database, { id, dossierId }: Activation, officerId: string | null, now: Date): Promise<OpenSession> {
  const { text, digest } = newSecret();
  const expiresAt = later(now, SESSION_MS);
  await tx.insert(activationSessions).values({ digest, activationId: id, officerId, createdAt: now, expiresAt });
  const actor = officerId === null ? "unknown" : `officer:${officerId}`;
  const details = { dossier: dossierId, at: officerId === null ? "holder" : "desk" };
  await appendAudit(tx, { at: now, actor, action: "activation.open", subject: `activation:${id}`, details });
  return { session: text, expiresAt, activationId: id, dossierId };
}

/**
 * All three must be right.
 * @param answers by the question's name
 * @throws ActivationError reference, expired, used, locked, not-ready; answers, with the tries that are left
 */
export async function answerActivation(
  desk: ApplicationDesk,
  typed: string,
  answers: Readonly<Record<string, string>>,
): Promise<OpenSession> {
  const { activation, dossier } = await find(desk, typed);
  const left = await spendTry(desk, activation.id);
  const { isRight, triesLeft } = await areRight(desk, dossier, answers);
  if (!isRight) {
    if (left <= 0) await lock(desk, activation.id);
    const tries = Math.min(left, triesLeft);
    throw tries <= 0 ? new ActivationError("locked") : new ActivationError("answers", tries);
  }
  return desk.store.transaction(async (tx) => {
    const now = desk.clock.now();
    const { state } = await holdGoingDossier(tx, dossier.id);
    if (state !== "activation_ready") throw new ActivationError("not-ready");
    const held = await holdActivation(tx, activation.id);
    requireOpen(held, now);
    await tx.update(activations).set({ failedTries: 0 }).where(eq(activations.id, held.id));
    return addSession(tx, held, null, now);
  });
}

/**
 * At the desk: the officer answers for who it is, so neither the number nor the answers are needed.
 * @throws ActivationError not-ready, expired, locked, own-dossier; NotPermittedError; DossierError unknown, organisation-not-open
 */
export function openDeskSession({ store, clock }: ApplicationDesk, dossierId: string, officer: Officer): Promise<OpenSession> {
  return store.transaction(async (tx) => {
    const now = clock.now();
    const dossier = await holdGoingDossier(tx, dossierId);
    requirePermission(officer, "issue", dossier.officeId);
    if (dossier.state !== "activation_ready") throw new ActivationError("not-ready");
    if (await isApplicant(tx, officer.id, dossier)) throw new ActivationError("own-dossier");
    const open = and(eq(activations.dossierId, dossierId), inArray(activations.state, ["created", "mailed", "locked"]));
    const [row] = await tx.select().from(activations).where(open).for("update");
    if (row === undefined) throw new ActivationError("expired");
    requireTries(row, now);
    return addSession(tx, row, officer.id, now);
  });
}

/**
 * Tries anew; of the account's questions, too, which the same answers have locked.
 * @throws ActivationError reference; StateError: it is not locked
 */
export async function unlockActivation(
  desk: ApplicationDesk,
  activationId: string,
  order: { readonly officerId: string; readonly reason: string },
): Promise<void> {
  const { store, clock } = desk;
  const [set] = await store.db
    .select({ id: questionSets.id, state: questionSets.state })
    .from(questionSets)
    .innerJoin(dossiers, eq(dossiers.accountId, questionSets.accountId))
    .innerJoin(activations, eq(activations.dossierId, dossiers.id))
    .where(eq(activations.id, activationId));
  // First, so that an activation is never open whose questions are not.
  if (set?.state === "locked") await unlockQuestions(desk, set.id, order);
  await store.transaction(async (tx) => {
    const [found] = await tx.select({ dossierId: activations.dossierId }).from(activations).where(eq(activations.id, activationId));
    if (found === undefined) throw new ActivationError("reference");
    await holdDossier(tx, found.dossierId);
    const row = await holdActivation(tx, activationId);
    const state = ACTIVATION.after(row.state === "mailed" && isLocked(row) ? "locked" : row.state, "unlock");
    await tx.update(activations).set({ state, failedTries: 0 }).where(eq(activations.id, activationId));
    await tell(tx, desk, found.dossierId, "unlocked");
    const details = { reason: order.reason, dossier: found.dossierId };
    const subject = `activation:${activationId}`;
    await appendAudit(tx, { at: clock.now(), actor: `officer:${order.officerId}`, action: "activation.unlock", subject, details });
  });
}

export interface LockedActivation {
  readonly id: string;
  readonly dossierId: string;
  /** The dossier's. */
  readonly number: string;
  readonly name: string;
  readonly email: string;
  readonly officeId: string;
}

/** For whoever unlocks them. */
export async function lockedActivations(db: Database, officeIds: readonly string[]): Promise<LockedActivation[]> {
  if (officeIds.length === 0) return [];
  const isWaiting = inArray(activations.state, ["created", "mailed"]);
  const rows = await db
    .select({ id: activations.id, dossier: dossiers })
    .from(activations)
    .innerJoin(dossiers, eq(dossiers.id, activations.dossierId))
    .where(
      and(
        inArray(dossiers.officeId, [...officeIds]),
        or(eq(activations.state, "locked"), and(isWaiting, gte(activations.failedTries, MAX_ACTIVATION_TRIES))),
      ),
    )
    .orderBy(asc(activations.createdAt));
  return rows.map(({ id, dossier: { id: dossierId, number, givenName, surname, email, officeId } }) => {
    return { id, dossierId, number, name: `${givenName} ${surname}`, email, officeId };
  });
}

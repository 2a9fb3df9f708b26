// The three questions of an account and their answers (S10): kept as argon2id, tried five times. A try is spent, in a transaction of its own, before
// anything is compared: neither a crash nor many requests at once give one back.

import { and, asc, eq, gte, inArray, notInArray, or } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { queueMail } from "../mail/outbox.ts";
import { lockedMail } from "../mail/templates/locked.ts";
import { unlockedMail } from "../mail/templates/unlocked.ts";
import type { Acting } from "../registration/officers.ts";
import { isSlowHashOf, slowHash } from "../sealing/slow-hash.ts";
import { QUESTION_SET } from "../states/question-set-states.ts";
import { accounts, dossiers, questionAnswers, questionSets } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { holdAccount } from "./dossiers.ts";
import {
  type AnswerProblem,
  isQuestion,
  normaliseAnswer,
  problemWithAnswers,
  QUESTIONS,
  QUESTIONS_A_SET,
  type Question,
} from "./questions.ts";

export const MAX_ANSWER_TRIES = 5;

/** `in-use`: a dossier relies on the answers that are there: whoever has only the mailbox does not put others in their place. */
export type QuestionSetRefusal = "unknown" | "locked" | "in-use" | AnswerProblem;

export class QuestionSetError extends Error {
  override readonly name = "QuestionSetError";
  readonly refusal: QuestionSetRefusal;
  constructor(refusal: QuestionSetRefusal) {
    super(`questions refused: ${refusal}`);
    this.refusal = refusal;
  }
}

export interface GivenAnswer {
  readonly question: string;
  readonly answer: string;
}

/** What the store keeps. */
export type HashedAnswers = readonly { readonly question: Question; readonly answerHash: string }[];

type SetRow = typeof questionSets.$inferSelect;

/** A server that died between the fifth try and its comparison has spent it all the same. */
const isLocked = ({ state, failedTries }: SetRow): boolean => state === "locked" || failedTries >= MAX_ANSWER_TRIES;

/** Takes a while: outside of a transaction. @throws QuestionSetError what is wrong with them */
export async function hashAnswers(answers: readonly GivenAnswer[]): Promise<HashedAnswers> {
  const problem = problemWithAnswers(answers);
  if (problem !== null) throw new QuestionSetError(problem);
  const known = answers.flatMap(({ question, answer }) => (isQuestion(question) ? [{ question, answer }] : []));
  return Promise.all(known.map(async ({ question, answer }) => ({ question, answerHash: await slowHash(normaliseAnswer(answer)) })));
}

/** Drafts and what ended without a certificate. */
const RELIES_ON_NONE = ["draft", "rejected", "cancelled", "expired"] as const;

/** Somebody's application relies on the answers that are there. */
export async function areQuestionsFixed(db: Database, accountId: string): Promise<boolean> {
  const relying = and(eq(dossiers.accountId, accountId), notInArray(dossiers.state, [...RELIES_ON_NONE]));
  const [inUse] = await db.select({ id: dossiers.id }).from(dossiers).where(relying).limit(1);
  return inUse !== undefined;
}

/**
 * Holds the account. Instead of those that are there, only while no dossier beyond its draft relies on them.
 * @throws QuestionSetError in-use, locked; DossierError unknown
 */
export async function putQuestions(tx: Database, accountId: string, hashed: HashedAnswers, { actor, now }: Acting): Promise<void> {
  await holdAccount(tx, accountId);
  if (await areQuestionsFixed(tx, accountId)) throw new QuestionSetError("in-use");
  const [before] = await tx.select().from(questionSets).where(eq(questionSets.accountId, accountId)).for("update");
  if (before !== undefined && isLocked(before)) throw new QuestionSetError("locked");
  let id = before?.id;
  if (id === undefined) {
    const values = { accountId, state: "open" as const, failedTries: 0, createdAt: now };
    const [row] = await tx.insert(questionSets).values(values).returning({ id: questionSets.id });
    if (row === undefined) throw new Error("the database made no question set");
    id = row.id;
  } else {
    await tx.delete(questionAnswers).where(eq(questionAnswers.setId, id));
    await tx.update(questionSets).set({ failedTries: 0, createdAt: now }).where(eq(questionSets.id, id));
  }
  const setId = id;
  await tx.insert(questionAnswers).values(hashed.map((answer) => ({ setId, ...answer })));
  await appendAudit(tx, { at: now, actor, action: "questions.set", subject: `questions:${setId}` });
}

/** @throws QuestionSetError; DossierError unknown */
export async function setQuestions({ store, clock }: ApplicationDesk, accountId: string, answers: readonly GivenAnswer[]): Promise<void> {
  const hashed = await hashAnswers(answers);
  await store.transaction((tx) => putQuestions(tx, accountId, hashed, { actor: `account:${accountId}`, now: clock.now() }));
}

/** In the order of the catalogue; none: they are not chosen yet. */
export async function questionsOf(db: Database, accountId: string): Promise<Question[]> {
  const rows = await db
    .select({ question: questionAnswers.question })
    .from(questionAnswers)
    .innerJoin(questionSets, eq(questionSets.id, questionAnswers.setId))
    .where(eq(questionSets.accountId, accountId));
  const chosen = new Set(rows.map(({ question }) => question));
  return QUESTIONS.filter((question) => chosen.has(question));
}

export interface AnswerCheck {
  readonly isRight: boolean;
  /** 0: locked, or there are no such questions. */
  readonly triesLeft: number;
}

interface Spent {
  readonly setId: string;
  readonly failedTries: number;
  readonly hashes: ReadonlyMap<string, string>;
}

/** @returns null: locked; undefined: there is none */
async function spend(tx: Database, accountId: string): Promise<Spent | null | undefined> {
  const [row] = await tx.select().from(questionSets).where(eq(questionSets.accountId, accountId)).for("update");
  if (row === undefined) return undefined;
  if (isLocked(row)) return null;
  const failedTries = row.failedTries + 1;
  await tx.update(questionSets).set({ failedTries }).where(eq(questionSets.id, row.id));
  const answers = await tx.select().from(questionAnswers).where(eq(questionAnswers.setId, row.id));
  return { setId: row.id, failedTries, hashes: new Map(answers.map(({ question, answerHash }) => [question, answerHash])) };
}

/** Each is compared, whichever is wrong; where there is nothing to compare with it takes as long. */
async function countRight(answers: Readonly<Record<string, string>>, hashes: ReadonlyMap<string, string>): Promise<number> {
  const asked = [...hashes.entries()].map(([question, hash]) => ({ hash, answer: answers[question] ?? "" }));
  const nobodys = Array.from({ length: QUESTIONS_A_SET - asked.length }, () => ({ hash: null, answer: "nobody's answer" }));
  const compared = [...asked, ...nobodys].map(({ hash, answer }) => isSlowHashOf(hash, normaliseAnswer(answer.slice(0, MAX_COMPARED))));
  return (await Promise.all(compared)).filter((isRight) => isRight).length;
}

/** Longer ones are nobody's: an answer has at most 200 characters. */
const MAX_COMPARED = 400;

/** The account's mailbox hears of it: whoever tried may be somebody else. */
async function tell(
  tx: Database,
  { sealing, publicUrl }: ApplicationDesk,
  accountId: string,
  what: "locked" | "unlocked",
  now: Date,
): Promise<void> {
  const [account] = await tx.select().from(accounts).where(eq(accounts.id, accountId));
  if (account === undefined) return;
  const facts = { to: account.email, publicUrl, what: "questions" as const };
  const mail = what === "locked" ? lockedMail(account.language, facts) : unlockedMail(account.language, facts);
  await queueMail(tx, sealing, what, mail, now);
}

/** The fifth wrong one. */
async function lock(desk: ApplicationDesk, setId: string, now: Date): Promise<void> {
  await desk.store.transaction(async (tx) => {
    const [row] = await tx.select().from(questionSets).where(eq(questionSets.id, setId)).for("update");
    if (row === undefined || row.state === "locked" || row.failedTries < MAX_ANSWER_TRIES) return;
    await tx
      .update(questionSets)
      .set({ state: QUESTION_SET.after(row.state, "lock") })
      .where(eq(questionSets.id, setId));
    await tell(tx, desk, row.accountId, "locked", now);
    await appendAudit(tx, { at: now, actor: "unknown", action: "questions.lock", subject: `questions:${setId}` });
  });
}

/**
 * @param accountId null: somebody who has none; it takes as long
 * @param answers by the question's name
 * @param needed how many must be right: three for activation and revocation, two for recovery (S37)
 * @throws QuestionSetError locked, after as long as a comparison takes
 */
export async function checkAnswers(
  desk: ApplicationDesk,
  accountId: string | null,
  answers: Readonly<Record<string, string>>,
  needed: 2 | 3,
): Promise<AnswerCheck> {
  const { store, clock } = desk;
  const spent = accountId === null ? undefined : await store.transaction((tx) => spend(tx, accountId));
  const right = await countRight(answers, spent?.hashes ?? new Map());
  if (spent === null) throw new QuestionSetError("locked");
  if (spent === undefined) return { isRight: false, triesLeft: 0 };
  if (spent.hashes.size === QUESTIONS_A_SET && right >= needed) {
    await store.db
      .update(questionSets)
      .set({ failedTries: 0 })
      .where(and(eq(questionSets.id, spent.setId), eq(questionSets.state, "open")));
    return { isRight: true, triesLeft: MAX_ANSWER_TRIES };
  }
  if (spent.failedTries >= MAX_ANSWER_TRIES) await lock(desk, spent.setId, clock.now());
  return { isRight: false, triesLeft: MAX_ANSWER_TRIES - spent.failedTries };
}

/** The caller has found that the officer may, for this account's office. @throws QuestionSetError unknown; StateError it is not locked */
export async function unlockQuestions(
  desk: ApplicationDesk,
  setId: string,
  { officerId, reason }: { readonly officerId: string; readonly reason: string },
): Promise<void> {
  const now = desk.clock.now();
  await desk.store.transaction(async (tx) => {
    const [row] = await tx.select().from(questionSets).where(eq(questionSets.id, setId)).for("update");
    if (row === undefined) throw new QuestionSetError("unknown");
    const state = QUESTION_SET.after(isLocked(row) ? "locked" : row.state, "unlock");
    await tx.update(questionSets).set({ state, failedTries: 0 }).where(eq(questionSets.id, setId));
    await tell(tx, desk, row.accountId, "unlocked", now);
    const actor = `officer:${officerId}`;
    await appendAudit(tx, { at: now, actor, action: "questions.unlock", subject: `questions:${setId}`, details: { reason } });
  });
}

export interface LockedQuestions {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
}

/** Those of accounts with a dossier in one of these offices. */
export function lockedQuestionSets(db: Database, offices: readonly string[]): Promise<LockedQuestions[]> {
  if (offices.length === 0) return Promise.resolve([]);
  return db
    .selectDistinct({ id: questionSets.id, accountId: accounts.id, email: accounts.email })
    .from(questionSets)
    .innerJoin(accounts, eq(accounts.id, questionSets.accountId))
    .innerJoin(dossiers, eq(dossiers.accountId, accounts.id))
    .where(
      and(or(eq(questionSets.state, "locked"), gte(questionSets.failedTries, MAX_ANSWER_TRIES)), inArray(dossiers.officeId, [...offices])),
    )
    .orderBy(asc(accounts.email));
}

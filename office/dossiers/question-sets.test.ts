// The three questions of an account: a try is spent before it is compared, five wrong ones lock, an officer unlocks.

import { randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ANSWERS, ApplicationBench, RIGHT_ANSWERS } from "../../test/support/application-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { dossiers, mails, questionAnswers, questionSets } from "../store/application-schema.ts";
import { auditEvents } from "../store/schema.ts";
import { checkAnswers, lockedQuestionSets, MAX_ANSWER_TRIES, questionsOf, setQuestions, unlockQuestions } from "./question-sets.ts";

const [first, second, third] = ANSWERS;
const WRONG = { ...RIGHT_ANSWERS, [first.question]: "Dominique" };

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ApplicationBench;
  let accountId: string;

  beforeAll(async () => {
    bench = await ApplicationBench.open(kind);
  }, STORE_START_LIMIT_MS);
  afterAll(() => bench.close());
  beforeEach(async () => {
    accountId = await bench.account();
    await setQuestions(bench.desk, accountId, ANSWERS);
  });

  const check = (answers: Readonly<Record<string, string>>, needed: 2 | 3 = 3) => checkAnswers(bench.desk, accountId, answers, needed);
  const row = async () => (await bench.desk.store.db.select().from(questionSets).where(eq(questionSets.accountId, accountId)))[0];
  const fail = async (times: number) => {
    for (let i = 0; i < times; i++) await check(WRONG);
  };
  const idOfSet = async () => (await row())?.id ?? "";

  test("S10: are known by their names, and their answers by a slow hash only", async () => {
    expect(await questionsOf(bench.desk.store.db, accountId)).toEqual([first, second, third].map(({ question }) => question));
    const kept = await bench.desk.store.db.select().from(questionAnswers);
    for (const { answerHash } of kept) expect(answerHash).toMatch(/^\$argon2id\$/);
    expect(await questionsOf(bench.desk.store.db, randomUUID())).toEqual([]);
  });

  test("S15: all three as people mean them are right; two of three only where two are enough", async () => {
    const meant = { [first.question]: "camille LE-GOFF", [second.question]: "Rue de l’eglise ", [third.question]: "0412345678" };
    expect(await check(meant)).toEqual({ isRight: true, triesLeft: MAX_ANSWER_TRIES });
    expect(await check(WRONG, 2)).toMatchObject({ isRight: true });
    expect(await check(WRONG, 3)).toEqual({ isRight: false, triesLeft: 4 });
    expect(await check({ ...WRONG, [second.question]: "avenue" }, 2)).toMatchObject({ isRight: false });
    expect(await check({}, 2)).toMatchObject({ isRight: false });
  });

  test("a right answer gives the tries back, a wrong one never does", async () => {
    await fail(4);
    expect((await row())?.failedTries).toBe(4);
    expect(await check(RIGHT_ANSWERS)).toMatchObject({ isRight: true });
    expect((await row())?.failedTries).toBe(0);
  });

  test("the fifth wrong try locks: also right answers are refused then, until an officer unlocks", async () => {
    await fail(4);
    expect(await check(WRONG)).toEqual({ isRight: false, triesLeft: 0 });
    expect(await row()).toMatchObject({ state: "locked" });
    await expect(check(RIGHT_ANSWERS)).rejects.toMatchObject({ refusal: "locked" });
    await expect(setQuestions(bench.desk, accountId, ANSWERS)).rejects.toMatchObject({ refusal: "locked" });
    const sent = await bench.desk.store.db.select().from(mails).where(eq(mails.template, "locked"));
    expect(sent.some(({ recipient }) => recipient.startsWith("account."))).toBe(true);

    const officerId = randomUUID();
    await unlockQuestions(bench.desk, await idOfSet(), { officerId, reason: "au téléphone" });
    expect(await check(RIGHT_ANSWERS)).toMatchObject({ isRight: true });
    await expect(unlockQuestions(bench.desk, await idOfSet(), { officerId, reason: "encore" })).rejects.toThrow("no unlock from open");
    const subject = `questions:${await idOfSet()}`;
    const events = await bench.desk.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, subject))
      .orderBy(asc(auditEvents.number));
    expect(events.map(({ action }) => action)).toEqual(["questions.set", "questions.lock", "questions.unlock"]);
    expect(events[2]).toMatchObject({ actor: `officer:${officerId}`, details: { reason: "au téléphone" } });
  });

  test("a try is spent before it is compared: twenty at once get five", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => check(WRONG)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(MAX_ANSWER_TRIES);
    await expect(check(RIGHT_ANSWERS)).rejects.toMatchObject({ refusal: "locked" });
  });

  test("a server that died after the fifth try has locked all the same, and it can be unlocked", async () => {
    await bench.desk.store.db.update(questionSets).set({ failedTries: MAX_ANSWER_TRIES }).where(eq(questionSets.accountId, accountId));
    await expect(check(RIGHT_ANSWERS)).rejects.toMatchObject({ refusal: "locked" });
    await bench.begin(accountId);
    const locked = await lockedQuestionSets(bench.desk.store.db, [bench.officeId]);
    expect(locked.map(({ accountId: id }) => id)).toEqual([accountId]);
    await unlockQuestions(bench.desk, await idOfSet(), { officerId: randomUUID(), reason: "panne" });
    expect(await check(RIGHT_ANSWERS)).toMatchObject({ isRight: true });
    expect(await lockedQuestionSets(bench.desk.store.db, [bench.officeId])).toEqual([]);
    expect(await lockedQuestionSets(bench.desk.store.db, [])).toEqual([]);
  });

  test("who has no account, or no questions, is wrong, and waits as long as who has", async () => {
    const without = await bench.account();
    expect(await checkAnswers(bench.desk, null, RIGHT_ANSWERS, 3)).toEqual({ isRight: false, triesLeft: 0 });
    expect(await checkAnswers(bench.desk, without, RIGHT_ANSWERS, 2)).toEqual({ isRight: false, triesLeft: 0 });
    const took = async (id: string | null) => {
      const start = performance.now();
      await checkAnswers(bench.desk, id, RIGHT_ANSWERS, 3);
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 5; i++) {
      known.push(await took(accountId));
      unknown.push(await took(null));
    }
    // Three comparisons each; what is around them takes little.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 4);
  });

  test("are replaced while nothing relies on them, and not by whoever only has the mailbox afterwards", async () => {
    const dossierId = await bench.begin(accountId);
    const others = [first, second, { question: "first-pet", answer: "Médor" }];
    await setQuestions(bench.desk, accountId, others);
    expect(await questionsOf(bench.desk.store.db, accountId)).toContain("first-pet");
    await bench.desk.store.db.update(dossiers).set({ state: "submitted" }).where(eq(dossiers.id, dossierId));
    await expect(setQuestions(bench.desk, accountId, ANSWERS)).rejects.toMatchObject({ refusal: "in-use" });
  });

  test("S10: what can't be three answers is refused by what is wrong with it", async () => {
    await expect(setQuestions(bench.desk, accountId, [first, second])).rejects.toMatchObject({ refusal: "count" });
    const short = { ...third, answer: "04" };
    await expect(setQuestions(bench.desk, accountId, [first, second, short])).rejects.toMatchObject({ refusal: "too-short" });
  });
});

// S18: a mailbox is proved by a one-time code. What a code opens, what it does not, and that nothing tells whether a mailbox has an account.

import { eq, like } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { testSealing } from "../../test/support/test-sealing.ts";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { runDueJobs } from "../jobs/jobs.ts";
import type { Mail } from "../mail/mail.ts";
import { MAIL_JOB, mailJob } from "../mail/outbox.ts";
import { LimitError } from "../registration/limits.ts";
import { accountSessions, accounts, mailboxes, mailCodes, mails } from "../store/application-schema.ts";
import { auditEvents } from "../store/schema.ts";
import {
  ACCOUNT_IDLE_MS,
  ACCOUNT_SESSION_MS,
  accountSessionsOf,
  endAccountSessions,
  endOwnAccountSession,
  sessionAccount,
} from "./account-sessions.ts";
import { askedMailbox } from "./asked-mailbox.ts";
import { answerCode, askCode, CODE_MS } from "./mailbox-codes.ts";
import { MailboxError } from "./mailbox-error.ts";
import { MAILBOX_TRIES, mailboxSubject, unlockMailbox } from "./mailbox-lock.ts";

const FROM = "192.0.2.1";
const HOUR_MS = 3_600_000;

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let desk: ApplicationDesk;
  let now = new Date("2026-11-20T09:00:00Z");
  let sent: Mail[] = [];
  let people = 0;

  beforeAll(async () => {
    bench = await openTestStore(kind);
    desk = { store: bench.store, clock: { now: () => now }, sealing: testSealing, publicUrl: "https://office.example" };
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  beforeEach(() => {
    now = new Date(now.getTime() + HOUR_MS); // new limits
    sent = [];
  });

  const later = (ms: number): void => {
    now = new Date(now.getTime() + ms);
  };
  const somebody = (): string => `lea.${++people}@example.org`;
  const post = (): Promise<number> =>
    runDueJobs(
      bench.store,
      new Map([
        [
          MAIL_JOB,
          mailJob(testSealing, {
            send: async (mail) => {
              sent.push(mail);
            },
          }),
        ],
      ]),
      () => now,
    );
  const ask = (email: string, language = "fr", from = FROM) => askCode(desk, { email, language, from }, now);
  async function codeFor(email: string): Promise<string> {
    await post();
    const text = sent.findLast(({ to }) => to === email.toLowerCase())?.text ?? "";
    return /^ {4}(\d{4} \d{4})$/m.exec(text)?.[1] ?? "no code";
  }
  const answer = (secret: string, code: string, from = FROM) => answerCode(desk, { secret, code, from }, "fr", now);
  const wrong = (code: string): string => (code.startsWith("0") ? "10000000" : "00000000");
  const refusal = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => "nothing",
      (error: unknown) => (error instanceof MailboxError ? error.refusal : error),
    );
  const actions = async (subject: string): Promise<string[]> =>
    (await bench.store.db.select().from(auditEvents).where(eq(auditEvents.subject, subject)).orderBy(auditEvents.number)).map(
      ({ action }) => action,
    );

  test("S18 the right code, once, in the browser that asked, opens a session of an account that is made then", async () => {
    const email = somebody();
    const secret = await ask(email.toUpperCase());
    expect(await askedMailbox(bench.store.db, secret, now)).toBe(email);
    expect(await bench.store.db.select().from(accounts).where(eq(accounts.email, email))).toEqual([]);
    const code = await codeFor(email);
    expect(code).toMatch(/^\d{4} \d{4}$/);
    const { account, secret: session } = await answer(secret, code);
    expect(account).toMatchObject({ email, language: "fr" });
    expect(await sessionAccount(bench.store, session, now)).toEqual(account);
    expect(await actions(`account:${account.id}`)).toEqual(["account.made", "account.sign-in"]);
    expect(await refusal(answer(secret, code))).toBe("code-used");
    expect(await askedMailbox(bench.store.db, secret, now)).toBeNull();
    const again = await ask(email, "en");
    const { account: same } = await answer(again, await codeFor(email));
    expect(same).toEqual(account);
  });

  test("a code is of no use in another browser, nor after ten minutes, nor without having been asked for", async () => {
    const email = somebody();
    const first = await ask(email);
    const code = await codeFor(email);
    const other = await ask(email);
    const otherCode = await codeFor(email);
    expect(code).not.toBe(otherCode);
    expect(await refusal(answer(other, code))).toBe("code-wrong");
    expect(await refusal(answer("made-up", code))).toBe("code-unknown");
    later(CODE_MS);
    expect(await refusal(answer(first, code))).toBe("code-expired");
  });

  test("a mailbox that has no account and one that has are asked, told and limited alike", async () => {
    const [known, unknown] = [somebody(), somebody()];
    await answer(await ask(known), await codeFor(known));
    later(HOUR_MS);
    sent = [];
    for (const email of [known, unknown]) await ask(email, "en");
    await post();
    const [a, b] = [known, unknown].map((email) => sent.filter(({ to }) => to === email));
    expect([a?.length, b?.length]).toEqual([1, 1]);
    const without = (mail: Mail | undefined): unknown => JSON.parse(JSON.stringify({ ...mail, to: "" }).replaceAll(/\b\d{4}\b/g, "CODE"));
    expect(without(a?.[0])).toEqual(without(b?.[0]));
    for (const email of [known, unknown]) {
      for (let i = 1; i < 6; i++) await ask(email, "en", `198.51.100.${i}`);
      await expect(ask(email, "en", "203.0.113.9")).rejects.toThrow(LimitError);
    }
  });

  test("the fifth wrong code locks the mailbox, whatever browsers they come from; the right one is refused, no code is sent any more", async () => {
    const email = somebody();
    const secrets = [await ask(email), await ask(email)];
    await post();
    const codes = sent.map(({ text }) => /^ {4}(\d{4} \d{4})$/m.exec(text)?.[1] ?? "");
    for (let i = 1; i < MAILBOX_TRIES; i++) {
      const error = await answer(secrets[i % 2] ?? "", wrong(codes[i % 2] ?? ""), `192.0.2.${i}`).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ refusal: "code-wrong", triesLeft: MAILBOX_TRIES - i });
    }
    expect(await refusal(answer(secrets[0] ?? "", wrong(codes[0] ?? "")))).toBe("locked");
    sent = [];
    expect(await refusal(answer(secrets[0] ?? "", codes[0] ?? ""))).toBe("locked");
    await ask(email);
    await post();
    expect(sent.map(({ subject }) => subject)).toEqual(["Trop d'essais\u00a0: accès bloqué", "Trop d'essais\u00a0: accès bloqué"]);
    expect(await actions(mailboxSubject(email))).toEqual(["mailbox.locked"]);
    expect(JSON.stringify(await bench.store.db.select().from(auditEvents))).not.toContain(email);
    later(30 * 24 * HOUR_MS);
    expect(await refusal(answer(await ask(email), codes[0] ?? ""))).toBe("locked");
  });

  test("an officer unlocks a mailbox, with a reason; then five tries are there again", async () => {
    const email = somebody();
    const secret = await ask(email);
    const code = await codeFor(email);
    const acting = { actor: "officer:1", now };
    expect(await refusal(unlockMailbox(desk, email, "called back", acting))).toBe("not-locked");
    for (let i = 0; i < MAILBOX_TRIES; i++) await refusal(answer(secret, wrong(code)));
    sent = [];
    await unlockMailbox(desk, email.toUpperCase(), "called back", acting);
    expect(await refusal(unlockMailbox(desk, email, "called back", acting))).toBe("not-locked");
    const events = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, mailboxSubject(email)));
    expect(events.at(-1)).toMatchObject({ action: "mailbox.unlocked", actor: "officer:1", details: { reason: "called back" } });
    const { account } = await answer(secret, code);
    expect(account.email).toBe(email);
    expect(sent.length + (await post())).toBeGreaterThan(0);
  });

  test("a right code gives the tries back; tries made at once are all counted", async () => {
    const email = somebody();
    const secret = await ask(email);
    const code = await codeFor(email);
    for (let i = 1; i < MAILBOX_TRIES; i++) await refusal(answer(secret, wrong(code)));
    await answer(secret, code);
    const [row] = await bench.store.db.select().from(mailboxes).where(eq(mailboxes.email, email));
    expect(row).toMatchObject({ failedTries: 0, lockedAt: null });
    const next = await ask(email);
    const nextCode = await codeFor(email);
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => refusal(answer(next, wrong(nextCode)))));
    expect(outcomes.every((outcome) => outcome === "code-wrong" || outcome === "locked")).toBe(true);
    const [spent] = await bench.store.db.select().from(mailboxes).where(eq(mailboxes.email, email));
    expect(spent?.failedTries).toBe(MAILBOX_TRIES);
    expect(await refusal(answer(next, nextCode))).toBe("locked");
  }, 60_000);

  test("the same right code at once opens one session", async () => {
    const email = somebody();
    const secret = await ask(email);
    const code = await codeFor(email);
    const outcomes = await Promise.all(Array.from({ length: 3 }, () => refusal(answer(secret, code))));
    expect(outcomes.sort()).toEqual(["code-used", "code-used", "nothing"]);
  });

  test("a session ends by the clock, by nobody using it, by its owner, and no other account's does", async () => {
    const [email, other] = [somebody(), somebody()];
    const open = async (whose: string) => answer(await ask(whose), await codeFor(whose));
    const [mine, second, stranger] = [await open(email), await open(email), await open(other)];
    const { id } = mine.account;
    const list = await accountSessionsOf(bench.store.db, id, mine.secret, now);
    expect(list.map(({ isThis }) => isThis).sort()).toEqual([false, true]);
    const theirs = await accountSessionsOf(bench.store.db, stranger.account.id, stranger.secret, now);
    await endAccountSessions(bench.store, id, { id: theirs[0]?.id ?? "" }, now);
    expect(await sessionAccount(bench.store, stranger.secret, now)).not.toBeNull();
    await endAccountSessions(bench.store, id, { othersThan: mine.secret }, now);
    expect(await sessionAccount(bench.store, second.secret, now)).toBeNull();
    expect(await sessionAccount(bench.store, mine.secret, now)).not.toBeNull();
    later(ACCOUNT_IDLE_MS - 1);
    expect(await sessionAccount(bench.store, mine.secret, now)).not.toBeNull();
    later(ACCOUNT_IDLE_MS);
    expect(await sessionAccount(bench.store, mine.secret, now)).toBeNull();
    const long = await open(email);
    for (let ms = 0; ms < ACCOUNT_SESSION_MS - ACCOUNT_IDLE_MS; ms += ACCOUNT_IDLE_MS / 2) {
      later(ACCOUNT_IDLE_MS / 2);
      expect(await sessionAccount(bench.store, long.secret, now)).not.toBeNull();
    }
    later(ACCOUNT_IDLE_MS - 1);
    await sessionAccount(bench.store, long.secret, now);
    later(2);
    expect(await sessionAccount(bench.store, long.secret, now)).toBeNull();
    const last = await open(email);
    await endOwnAccountSession(bench.store, last.secret, now);
    expect(await sessionAccount(bench.store, last.secret, now)).toBeNull();
    expect((await actions(`account:${id}`)).slice(-2)).toEqual(["account.sign-in", "account.sign-out"]);
  });

  test("whoever has the database alone reads no code and opens no session; a mail's text is gone when it has left", async () => {
    const email = somebody();
    const secret = await ask(email);
    const [waiting] = await bench.store.db.select().from(mails).where(eq(mails.recipient, email));
    const code = await codeFor(email);
    const opened = await answer(secret, code);
    const all = JSON.stringify([
      await bench.store.db.select().from(mailCodes).where(eq(mailCodes.email, email)),
      await bench.store.db.select().from(accountSessions),
      Buffer.from(waiting?.sealed ?? new Uint8Array()).toString("latin1"),
    ]);
    for (const told of [secret, opened.secret, code, code.replace(" ", "")]) expect(all).not.toContain(told);
    expect(all).toContain("$argon2id$");
    const [row] = await bench.store.db.select().from(mails).where(like(mails.recipient, email));
    expect(row).toMatchObject({ template: "code", sealed: null });
  });
});

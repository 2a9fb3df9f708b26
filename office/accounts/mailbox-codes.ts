// Proving a mailbox (S18): a code goes there, of use only in the browser that asked for it. What the office says and does, and how long it takes,
// is the same whether the mailbox has an account or not: the account is made when the code is right.

import { randomInt } from "node:crypto";
import { eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { queueMail } from "../mail/outbox.ts";
import { codeMail } from "../mail/templates/code.ts";
import { lockedMail } from "../mail/templates/locked.ts";
import { type Limit, spendTry } from "../registration/limits.ts";
import { newSecret, secretDigest } from "../registration/secret.ts";
import { isSlowHashOf, slowHash } from "../sealing/slow-hash.ts";
import { mailboxes, mailCodes } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { type Account, accountOf, mailboxOf } from "./account.ts";
import { openAccountSession } from "./account-sessions.ts";
import { MailboxError } from "./mailbox-error.ts";
import { holdMailbox, isLocked, lockIfSpent, MAILBOX_TRIES, mailboxSubject } from "./mailbox-lock.ts";

const MINUTE_MS = 60_000;
export const CODE_MS = 10 * MINUTE_MS;
const CODE_DIGITS = 8;
const WINDOW_MS = 10 * MINUTE_MS;
/** Nobody's mailbox is to be filled with our codes. */
const ASKED_BY_MAILBOX = 6;
const ASKED_BY_ADDRESS = 60;
const ANSWERED_BY_ADDRESS = 120;

const limit = (subject: string, count: number): Limit => ({ subject, count, windowMs: WINDOW_MS });

export interface AskedCode {
  readonly email: string;
  /** Of the page on which it was asked: of the mail, too. */
  readonly language: string;
  /** The network that asks. */
  readonly from: string;
}

const newCode = (): string => String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, "0");

/**
 * Sends a code to a mailbox; to one that is locked, word that it is.
 * @returns the secret for the cookie of the browser that asked
 * @throws LimitError
 */
export async function askCode(desk: ApplicationDesk, { email, language, from }: AskedCode, now: Date): Promise<string> {
  const { store, sealing, publicUrl } = desk;
  const mailbox = mailboxOf(email);
  const byMailbox = limit(`code for ${mailboxSubject(mailbox)}`, ASKED_BY_MAILBOX);
  await spendTry(store, [limit(`code asked from ${from}`, ASKED_BY_ADDRESS), byMailbox], now);
  const code = newCode();
  const codeHash = await slowHash(code);
  const { text, digest } = newSecret();
  await store.transaction(async (tx) => {
    const row = await holdMailbox(tx, mailbox);
    await tx.insert(mailCodes).values({ digest, email: mailbox, codeHash, tries: 0, expiresAt: new Date(now.getTime() + CODE_MS) });
    if (isLocked(row)) await queueMail(tx, sealing, "locked", lockedMail(language, { to: mailbox, publicUrl, what: "mailbox" }), now);
    else await queueMail(tx, sealing, "code", codeMail(language, { to: mailbox, publicUrl, code }), now);
  });
  return text;
}

export interface AnsweredCode {
  /** From the cookie. */
  readonly secret: string;
  /** As it was typed. */
  readonly code: string;
  /** The network that answers. */
  readonly from: string;
}

export interface OpenAccount {
  /** For the session's cookie. */
  readonly secret: string;
  readonly account: Account;
}

interface SpentTry {
  readonly email: string;
  readonly codeHash: string;
}

/** In a transaction of its own, before anything is compared: whatever happens then, the try is spent. @throws MailboxError */
async function spendCodeTry({ store }: ApplicationDesk, digest: Uint8Array, now: Date): Promise<SpentTry> {
  return store.transaction(async (tx) => {
    const which = eq(mailCodes.digest, digest);
    const [asked] = await tx.select({ email: mailCodes.email }).from(mailCodes).where(which);
    if (asked === undefined) throw new MailboxError("code-unknown");
    const mailbox = await holdMailbox(tx, asked.email);
    const [code] = await tx.select().from(mailCodes).where(which).for("update");
    if (code === undefined) throw new MailboxError("code-unknown");
    if (isLocked(mailbox)) throw new MailboxError("locked");
    if (code.usedAt !== null) throw new MailboxError("code-used");
    if (code.expiresAt <= now) throw new MailboxError("code-expired");
    await tx
      .update(mailCodes)
      .set({ tries: code.tries + 1 })
      .where(which);
    await tx
      .update(mailboxes)
      .set({ failedTries: mailbox.failedTries + 1 })
      .where(eq(mailboxes.email, code.email));
    return { email: code.email, codeHash: code.codeHash };
  });
}

async function openOne(tx: Database, email: string, language: string, now: Date): Promise<OpenAccount> {
  const { isNew, ...account } = await accountOf(tx, email, language, now);
  const secret = await openAccountSession(tx, account.id, now);
  const subject = `account:${account.id}`;
  if (isNew) await appendAudit(tx, { at: now, actor: subject, action: "account.made", subject });
  await appendAudit(tx, { at: now, actor: subject, action: "account.sign-in", subject });
  return { secret, account };
}

/**
 * Opens a session of the mailbox's account, which is made when there is none.
 * @param language of a new account
 * @throws MailboxError, LimitError
 */
export async function answerCode(desk: ApplicationDesk, answer: AnsweredCode, language: string, now: Date): Promise<OpenAccount> {
  const { store } = desk;
  await spendTry(store, [limit(`code answered from ${answer.from}`, ANSWERED_BY_ADDRESS)], now);
  const digest = secretDigest(answer.secret);
  const { email, codeHash } = await spendCodeTry(desk, digest, now);
  const isRight = await isSlowHashOf(codeHash, answer.code.replace(/\s/g, ""));
  const outcome = await store.transaction(async (tx) => {
    const mailbox = await holdMailbox(tx, email);
    if (!isRight) {
      const locked = await lockIfSpent(tx, desk, mailbox, language, now);
      return locked ? new MailboxError("locked") : new MailboxError("code-wrong", MAILBOX_TRIES - mailbox.failedTries);
    }
    if (mailbox.lockedAt !== null) return new MailboxError("locked");
    const [code] = await tx.select().from(mailCodes).where(eq(mailCodes.digest, digest)).for("update");
    if (code === undefined || code.usedAt !== null) return new MailboxError("code-used");
    await tx.update(mailCodes).set({ usedAt: now }).where(eq(mailCodes.digest, digest));
    await tx.update(mailboxes).set({ failedTries: 0 }).where(eq(mailboxes.email, email));
    return openOne(tx, email, language, now);
  });
  if (outcome instanceof MailboxError) throw outcome;
  return outcome;
}

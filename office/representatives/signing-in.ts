// How a legal representative comes in (S43): identifier and access key (or hand-over code), then the whole e-mail address, then the code that was sent
// there. Tries are counted, in a transaction of their own, before anything is compared; wrong ones of both kinds count together, and only a whole
// sign-in sets them back: whoever has the key alone can't guess codes for ever by giving it again.

import { and, eq, isNull, lt, sql } from "drizzle-orm";
import { mailboxOf } from "../accounts/account.ts";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { queueMail } from "../mail/outbox.ts";
import { representativeCodeMail } from "../mail/templates/representative-code.ts";
import { type Limit, spendTry } from "../registration/limits.ts";
import { isSlowHashOf, slowHash } from "../sealing/slow-hash.ts";
import { legalRepresentatives } from "../store/application-schema.ts";
import { organisations } from "../store/schema.ts";
import { AccessError } from "./access-error.ts";
import { newCode, plainDigits, plainIdentifier } from "./access-secrets.ts";
import { ACCESS_TRIES, actorOf, changeRepresentative, isLocked, lockIfSpent, type Representative, subjectOf } from "./representative.ts";
import { addSession, changeSession, holdSession, type Purpose } from "./representative-sessions.ts";

const MINUTE_MS = 60_000;
export const SECRET_CODE_MS = 10 * MINUTE_MS;
const WINDOW_MS = 10 * MINUTE_MS;
const IDENTIFIED_BY_ADDRESS = 60;
const ANSWERED_BY_ADDRESS = 120;
/** Nobody's mailbox is to be filled with our codes. */
const ASKED_BY_ORGANISATION = 6;

const limit = (subject: string, count: number): Limit => ({ subject, count, windowMs: WINDOW_MS });

export interface GivenAccess {
  readonly identifier: string;
  /** The access key, to revoke; the hand-over code, to collect a key. As they were typed. */
  readonly secret: string;
  readonly purpose: Purpose;
  /** The network that asks. */
  readonly from: string;
}

function hashOf({ keyHash, handoverHash, handoverExpiresAt }: Representative, purpose: Purpose, now: Date): string | null {
  if (purpose === "revoke") return keyHash;
  return handoverExpiresAt !== null && handoverExpiresAt > now ? handoverHash : null;
}

/** One statement, whatever there is: nobody learns from it which identifiers exist. @returns null: none, or locked */
async function spendAccessTry({ store }: ApplicationDesk, identifier: string): Promise<Representative | null> {
  const { lockedAt, failedTries } = legalRepresentatives;
  const [row] = await store.db
    .update(legalRepresentatives)
    .set({ failedTries: sql`${failedTries} + 1` })
    .where(and(eq(legalRepresentatives.identifier, identifier), isNull(lockedAt), lt(failedTries, ACCESS_TRIES)))
    .returning();
  return row ?? null;
}

/**
 * The first step. It says and takes the same when there is no such identifier, when it is locked, and when there is no key yet.
 * @returns the secret for the cookie of a session that is not open yet
 * @throws AccessError wrong; LimitError
 */
export async function identify(desk: ApplicationDesk, given: GivenAccess, now: Date): Promise<string> {
  const { store } = desk;
  const { purpose, from } = given;
  await spendTry(store, [limit(`representative from ${from}`, IDENTIFIED_BY_ADDRESS)], now);
  const identifier = plainIdentifier(given.identifier);
  const spent = await spendAccessTry(desk, identifier);
  const hash = spent === null ? null : hashOf(spent, purpose, now);
  const isRight = await isSlowHashOf(hash, plainDigits(given.secret));
  if (spent === null || !isRight) {
    await lockIfSpent(desk, identifier, now);
    throw new AccessError("wrong");
  }
  const { organisationId } = spent;
  return store.transaction(async (tx) => {
    const [row] = await tx.select().from(legalRepresentatives).where(eq(legalRepresentatives.organisationId, organisationId)).for("update");
    if (row === undefined || row.lockedAt !== null || hashOf(row, purpose, now) !== hash) throw new AccessError("wrong");
    // Its own try, and no other: see above.
    await changeRepresentative(tx, row, { failedTries: Math.max(0, row.failedTries - 1) });
    const secret = await addSession(tx, organisationId, purpose, false, now);
    const subject = subjectOf(organisationId);
    await appendAudit(tx, { at: now, actor: actorOf(organisationId), action: "representative.identify", subject, details: { purpose } });
    return secret;
  });
}

export interface AskedSecretCode {
  /** From the cookie. */
  readonly secret: string;
  /** The whole address, as it was typed. */
  readonly email: string;
  readonly from: string;
}

/**
 * The second step: a code goes to the mailbox on record, if that is what was typed. The answer is the same if it is not.
 * @throws AccessError session, locked; LimitError
 */
export async function askSecretCode(desk: ApplicationDesk, { secret, email, from }: AskedSecretCode, now: Date): Promise<void> {
  const { store, sealing, publicUrl } = desk;
  await spendTry(store, [limit(`representative's code asked from ${from}`, IDENTIFIED_BY_ADDRESS)], now);
  const code = newCode();
  const codeHash = await slowHash(code);
  const { organisationId } = await store.transaction(async (tx) => (await holdSession(tx, secret, now)).session);
  await spendTry(store, [limit(`representative's code for ${organisationId}`, ASKED_BY_ORGANISATION)], now);
  await store.transaction(async (tx) => {
    const { session, representative } = await holdSession(tx, secret, now);
    if (isLocked(representative)) throw new AccessError("locked");
    const codeExpiresAt = new Date(now.getTime() + SECRET_CODE_MS);
    await changeSession(tx, session, { codeHash, codeExpiresAt });
    if (mailboxOf(email) !== representative.email) return;
    const [organisation] = await tx.select({ name: organisations.name }).from(organisations).where(eq(organisations.id, organisationId));
    const facts = { to: representative.email, publicUrl, name: representative.name, organisation: organisation?.name ?? "", code };
    await queueMail(tx, sealing, "representative-code", representativeCodeMail(representative.language, facts), now);
  });
}

export interface AnsweredSecretCode {
  readonly secret: string;
  /** As it was typed. */
  readonly code: string;
  readonly from: string;
}

/** In a transaction of its own, before anything is compared. @throws AccessError session, locked, code-missing, code-expired */
function spendCodeTry({ store }: ApplicationDesk, secret: string, now: Date) {
  return store.transaction(async (tx) => {
    const { session, representative } = await holdSession(tx, secret, now);
    if (isLocked(representative)) throw new AccessError("locked");
    const { codeHash, codeExpiresAt } = session;
    if (codeHash === null || codeExpiresAt === null) throw new AccessError("code-missing");
    if (codeExpiresAt <= now) throw new AccessError("code-expired");
    const failedTries = representative.failedTries + 1;
    await changeRepresentative(tx, representative, { failedTries });
    return { codeHash, identifier: representative.identifier, triesLeft: ACCESS_TRIES - failedTries };
  });
}

/**
 * The third step: the session is open, under another secret than before.
 * @returns the secret for the cookie
 * @throws AccessError session, locked, code-missing, code-expired, code-wrong; LimitError
 */
export async function answerSecretCode(desk: ApplicationDesk, { secret, code, from }: AnsweredSecretCode, now: Date): Promise<string> {
  const { store } = desk;
  await spendTry(store, [limit(`representative's code answered from ${from}`, ANSWERED_BY_ADDRESS)], now);
  const { codeHash, identifier, triesLeft } = await spendCodeTry(desk, secret, now);
  if (!(await isSlowHashOf(codeHash, plainDigits(code)))) {
    const locked = await lockIfSpent(desk, identifier, now);
    throw locked ? new AccessError("locked") : new AccessError("code-wrong", triesLeft);
  }
  return store.transaction(async (tx) => {
    const { session, representative } = await holdSession(tx, secret, now);
    if (representative.lockedAt !== null) throw new AccessError("locked");
    if (session.codeHash !== codeHash) throw new AccessError("code-missing"); // answered, or asked for again, meanwhile
    const { organisationId, purpose } = session;
    await changeRepresentative(tx, representative, { failedTries: 0 });
    await changeSession(tx, session, { endedAt: now, codeHash: null });
    const opened = await addSession(tx, organisationId, purpose, true, now);
    const subject = subjectOf(organisationId);
    await appendAudit(tx, { at: now, actor: actorOf(organisationId), action: "representative.sign-in", subject, details: { purpose } });
    return opened;
  });
}

/** One that is over stays as it ended. */
export function endRepresentativeSession({ store }: ApplicationDesk, secret: string, now: Date): Promise<void> {
  return store.transaction(async (tx) => {
    const { session } = await holdSession(tx, secret, now);
    await changeSession(tx, session, { endedAt: now });
    const { organisationId } = session;
    const subject = subjectOf(organisationId);
    await appendAudit(tx, { at: now, actor: actorOf(organisationId), action: "representative.sign-out", subject });
  });
}

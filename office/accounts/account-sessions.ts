// Sessions of accounts: opened by a code that went to the mailbox, kept open by use, ended by their owner or by the clock.

import { and, desc, eq, gt, isNull, ne, sql } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { newSecret, secretDigest } from "../registration/secret.ts";
import { accountSessions, accounts } from "../store/application-schema.ts";
import type { Database, Store } from "../store/store.ts";
import type { Account } from "./account.ts";

const HOUR_MS = 3_600_000;
/** However much it is used. */
export const ACCOUNT_SESSION_MS = 12 * HOUR_MS;
/** Without a request. */
export const ACCOUNT_IDLE_MS = HOUR_MS / 2;

/** @returns the cookie's secret, told once; the caller audits how it came to be */
export async function openAccountSession(tx: Database, accountId: string, now: Date): Promise<string> {
  const { text, digest } = newSecret();
  const expiresAt = new Date(now.getTime() + ACCOUNT_SESSION_MS);
  await tx.insert(accountSessions).values({ digest, accountId, createdAt: now, lastUsedAt: now, expiresAt });
  return text;
}

const isOpen = (now: Date) =>
  and(
    isNull(accountSessions.revokedAt),
    gt(accountSessions.expiresAt, now),
    gt(accountSessions.lastUsedAt, new Date(now.getTime() - ACCOUNT_IDLE_MS)),
  );

/** Whose session a cookie opens; null: none (any more). Using it keeps it open. */
export async function sessionAccount({ db }: Store, secret: string, now: Date): Promise<Account | null> {
  const [row] = await db
    .update(accountSessions)
    .set({ lastUsedAt: now })
    .where(and(eq(accountSessions.digest, secretDigest(secret)), isOpen(now)))
    .returning({ accountId: accountSessions.accountId });
  if (row === undefined) return null;
  const [account] = await db.select().from(accounts).where(eq(accounts.id, row.accountId));
  return account === undefined ? null : { id: account.id, email: account.email, language: account.language };
}

export interface AccountSession {
  /** Names it in a form; opens nothing. */
  readonly id: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  /** The one that asks. */
  readonly isThis: boolean;
}

/** Half of the digest: long enough to be unique. */
const ID_CHARACTERS = 32;
const idOf = (digest: Uint8Array): string => Buffer.from(digest).toString("hex").slice(0, ID_CHARACTERS);

/** Those that are open. @param secret of the session that asks */
export async function accountSessionsOf(db: Database, accountId: string, secret: string, now: Date): Promise<AccountSession[]> {
  const rows = await db
    .select()
    .from(accountSessions)
    .where(and(eq(accountSessions.accountId, accountId), isOpen(now)))
    .orderBy(desc(accountSessions.lastUsedAt), accountSessions.digest);
  const own = idOf(secretDigest(secret));
  return rows.map(({ digest, createdAt, lastUsedAt, expiresAt }) => {
    const id = idOf(digest);
    return { id, createdAt, lastUsedAt, expiresAt, isThis: id === own };
  });
}

/** The one that asks, with its secret. One that is over stays as it ended. */
export function endOwnAccountSession(store: Store, secret: string, now: Date): Promise<void> {
  return store.transaction(async (tx) => {
    const [row] = await tx
      .update(accountSessions)
      .set({ revokedAt: now })
      .where(and(eq(accountSessions.digest, secretDigest(secret)), isNull(accountSessions.revokedAt)))
      .returning({ accountId: accountSessions.accountId });
    if (row === undefined) return;
    const subject = `account:${row.accountId}`;
    await appendAudit(tx, { at: now, actor: subject, action: "account.sign-out", subject });
  });
}

/**
 * One of the account's, or all but the one that asks. What is over, or another's, is left as it is.
 * @param which an AccountSession's id; «others» with the secret of the session that asks
 */
export function endAccountSessions(
  store: Store,
  accountId: string,
  which: { readonly id: string } | { readonly othersThan: string },
  now: Date,
): Promise<void> {
  return store.transaction(async (tx) => {
    const chosen =
      "id" in which
        ? sql`left(encode(${accountSessions.digest}, 'hex'), ${ID_CHARACTERS}) = ${which.id}`
        : ne(accountSessions.digest, secretDigest(which.othersThan));
    const rows = await tx
      .update(accountSessions)
      .set({ revokedAt: now })
      .where(and(eq(accountSessions.accountId, accountId), isNull(accountSessions.revokedAt), chosen))
      .returning({ accountId: accountSessions.accountId });
    if (rows.length === 0) return;
    const subject = `account:${accountId}`;
    await appendAudit(tx, { at: now, actor: subject, action: "account.end-session", subject, details: { count: rows.length } });
  });
}

// The mailboxes that too many wrong codes have locked.

import { asc, gte, isNotNull, or } from "drizzle-orm";
import { mailboxes } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { MAILBOX_TRIES, mailboxName } from "./mailbox-lock.ts";

export interface LockedMailbox {
  /** Names it in an address; half of its SHA-256. */
  readonly id: string;
  readonly email: string;
  /** null: at this very moment. */
  readonly lockedAt: Date | null;
}

export async function lockedMailboxes(db: Database): Promise<LockedMailbox[]> {
  const rows = await db
    .select()
    .from(mailboxes)
    .where(or(isNotNull(mailboxes.lockedAt), gte(mailboxes.failedTries, MAILBOX_TRIES)))
    .orderBy(asc(mailboxes.email));
  return rows.map(({ email, lockedAt }) => ({ id: mailboxName(email), email, lockedAt }));
}

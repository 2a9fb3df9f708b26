// Accounts: whoever has proved a mailbox (applicants, managers, holders).

import { eq } from "drizzle-orm";
import { accounts } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";

export interface Account {
  readonly id: string;
  /** Lower case. */
  readonly email: string;
  /** fr or en: of the mails to it. */
  readonly language: string;
}

/** As the store has it: two spellings of a mailbox are one. */
export const mailboxOf = (email: string): string => email.trim().toLowerCase();

/** The account of a mailbox, made when there is none; whoever asks has proved the mailbox. @param language of a new one */
export async function accountOf(tx: Database, email: string, language: string, now: Date): Promise<Account & { readonly isNew: boolean }> {
  const mailbox = mailboxOf(email);
  const [made] = await tx.insert(accounts).values({ email: mailbox, language, createdAt: now }).onConflictDoNothing().returning();
  const row = made ?? (await tx.select().from(accounts).where(eq(accounts.email, mailbox)))[0];
  if (row === undefined) throw new Error("an account that was not added");
  return { id: row.id, email: row.email, language: row.language, isNew: made !== undefined };
}

/** The language of the mails to it. */
export async function setAccountLanguage(db: Database, accountId: string, language: string): Promise<void> {
  await db.update(accounts).set({ language }).where(eq(accounts.id, accountId));
}

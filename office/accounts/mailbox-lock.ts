// The lock of a mailbox: five wrong codes, whatever browsers they came from. It does not tell whether the mailbox has an account.

import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { queueMail } from "../mail/outbox.ts";
import { lockedMail } from "../mail/templates/locked.ts";
import { unlockedMail } from "../mail/templates/unlocked.ts";
import type { Acting } from "../registration/officers.ts";
import { accounts, mailboxes } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { mailboxOf } from "./account.ts";
import { MailboxError } from "./mailbox-error.ts";

/** Wrong codes in a row. */
export const MAILBOX_TRIES = 5;

export type MailboxRow = typeof mailboxes.$inferSelect;

/** Also between the fifth try and its verdict. */
export const isLocked = ({ failedTries, lockedAt }: MailboxRow): boolean => lockedAt !== null || failedTries >= MAILBOX_TRIES;

const NAME_CHARACTERS = 32;

/** Half of the address's SHA-256, hexadecimal: for what is never erased, and for addresses of pages. */
export const mailboxName = (email: string): string => createHash("sha256").update(mailboxOf(email)).digest("hex").slice(0, NAME_CHARACTERS);

/** For the audit trail. */
export const mailboxSubject = (email: string): string => `mailbox:${mailboxName(email)}`;

/** The row of a mailbox, held; made when there is none. */
export async function holdMailbox(tx: Database, email: string): Promise<MailboxRow> {
  const mailbox = mailboxOf(email);
  await tx.insert(mailboxes).values({ email: mailbox, failedTries: 0 }).onConflictDoNothing();
  const [row] = await tx.select().from(mailboxes).where(eq(mailboxes.email, mailbox)).for("update");
  if (row === undefined) throw new Error("a mailbox that was not added");
  return row;
}

async function languageOf(tx: Database, email: string, otherwise: string): Promise<string> {
  const [row] = await tx.select({ language: accounts.language }).from(accounts).where(eq(accounts.email, email));
  return row?.language ?? otherwise;
}

/** After a wrong code, whose try was spent before: the last one locks, and the mailbox is told. @param language where there is no account */
export async function lockIfSpent(
  tx: Database,
  { sealing, publicUrl }: ApplicationDesk,
  row: MailboxRow,
  language: string,
  now: Date,
): Promise<boolean> {
  if (row.failedTries < MAILBOX_TRIES || row.lockedAt !== null) return isLocked(row);
  await tx.update(mailboxes).set({ lockedAt: now }).where(eq(mailboxes.email, row.email));
  const mail = lockedMail(await languageOf(tx, row.email, language), { to: row.email, publicUrl, what: "mailbox" });
  await queueMail(tx, sealing, "locked", mail, now);
  await appendAudit(tx, { at: now, actor: "unknown", action: "mailbox.locked", subject: mailboxSubject(row.email) });
  return true;
}

/**
 * An officer with `unlock` lets the mailbox try again; the reason is in the audit trail.
 * @throws MailboxError not-locked
 */
export function unlockMailbox(desk: ApplicationDesk, email: string, reason: string, { actor, now }: Acting): Promise<void> {
  return desk.store.transaction(async (tx) => {
    const mailbox = mailboxOf(email);
    const [row] = await tx.select().from(mailboxes).where(eq(mailboxes.email, mailbox)).for("update");
    if (row === undefined || !isLocked(row)) throw new MailboxError("not-locked");
    await tx.update(mailboxes).set({ failedTries: 0, lockedAt: null }).where(eq(mailboxes.email, mailbox));
    const mail = unlockedMail(await languageOf(tx, mailbox, "fr"), { to: mailbox, publicUrl: desk.publicUrl, what: "mailbox" });
    await queueMail(tx, desk.sealing, "unlocked", mail, now);
    await appendAudit(tx, { at: now, actor, action: "mailbox.unlocked", subject: mailboxSubject(mailbox), details: { reason } });
  });
}

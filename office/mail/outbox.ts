// Mails on their way out. One is written in the transaction of what it tells, and sent by a job: an answer never waits for a mail server, nothing is
// mailed of what did not happen, and two servers send it once. Its text is sealed, and destroyed when it has left.

import { eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { type OutsideHandler, schedule } from "../jobs/jobs.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { mails } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import type { Mail, Mailer } from "./mail.ts";

export const MAIL_JOB = "mail.send";

const purposeOf = (id: string): string => `mail:${id}`;

/** @param template which of this folder's: «code»; kept with the recipient when the text is gone */
export async function queueMail(tx: Database, sealing: Sealing, template: string, mail: Mail, now: Date): Promise<string> {
  const [row] = await tx.insert(mails).values({ recipient: mail.to, template, createdAt: now }).returning({ id: mails.id });
  if (row === undefined) throw new Error("a mail that was not added");
  const sealed = sealing.seal(purposeOf(row.id), Buffer.from(JSON.stringify(mail)));
  await tx.update(mails).set({ sealed }).where(eq(mails.id, row.id));
  await schedule(tx, { kind: MAIL_JOB, key: `${MAIL_JOB}:${row.id}`, dueAt: now });
  return row.id;
}

/** What has not left by then tells nothing new any more. */
const MAIL_LIFE_MS = 2 * DAY_MS;

/**
 * Sends the mail whose id is in the job's key, while no transaction waits for the mail server. When it left and that could not be written down, it leaves
 * again: at least once, not at most. One that no server takes is tried for two days; then its text is destroyed, and the audit trail says so.
 */
export function mailJob(sealing: Sealing, mailer: Mailer): OutsideHandler {
  return {
    outside: async (store, { key }, now) => {
      const id = key.slice(MAIL_JOB.length + 1);
      const [row] = await store.db.select().from(mails).where(eq(mails.id, id));
      if (row === undefined || row.sealed === null) return async () => {};
      if (now.getTime() - row.createdAt.getTime() > MAIL_LIFE_MS) {
        return async (tx) => {
          await tx.update(mails).set({ sealed: null }).where(eq(mails.id, id));
          const details = { template: row.template };
          await appendAudit(tx, { at: now, actor: "clock", action: "mail.given-up", subject: `mail:${id}`, details });
        };
      }
      await mailer.send(JSON.parse(Buffer.from(sealing.open(purposeOf(id), row.sealed)).toString()) as Mail);
      return async (tx) => {
        await tx.update(mails).set({ sealed: null, sentAt: now }).where(eq(mails.id, id));
      };
    },
  };
}

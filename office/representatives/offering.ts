// The identifier goes to the legal representative when the organisation's first certificate is issued (S43), and again with each new key. Nothing
// secret is in that mail: the key is collected with a code that an officer gives, and another one that goes to the mailbox.

import { and, eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { type JobHandler, schedule } from "../jobs/jobs.ts";
import { queueMail } from "../mail/outbox.ts";
import { representativeAccessMail } from "../mail/templates/representative-access.ts";
import { ACCESS_KEY } from "../states/access-key-states.ts";
import { legalRepresentatives } from "../store/application-schema.ts";
import { certificates, organisations, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { changeRepresentative, type Representative, subjectOf } from "./representative.ts";

export const OFFER_JOB = "representative.offer";

/**
 * In the transaction that issues a certificate to a person: if their organisation's representative waits for the first one, a job tells them. It takes
 * no lock: whoever issues holds the issuer, and a representative's row comes before that.
 */
export async function offerAtFirst(tx: Database, personId: string, now: Date): Promise<void> {
  const [waiting] = await tx
    .select({ id: legalRepresentatives.organisationId })
    .from(legalRepresentatives)
    .innerJoin(people, eq(people.organisationId, legalRepresentatives.organisationId))
    .where(and(eq(people.id, personId), eq(legalRepresentatives.state, "named")));
  if (waiting !== undefined) await schedule(tx, { kind: OFFER_JOB, key: `${OFFER_JOB}:${waiting.id}`, dueAt: now });
}

/** The identifier, and how the key is had. The caller holds the representative's row. */
export async function mailIdentifier(tx: Database, { sealing, publicUrl }: ApplicationDesk, row: Representative, now: Date): Promise<void> {
  const [organisation] = await tx.select({ name: organisations.name }).from(organisations).where(eq(organisations.id, row.organisationId));
  const { email: to, name, identifier } = row;
  const facts = { to, publicUrl, name, identifier, organisation: organisation?.name ?? "" };
  await queueMail(tx, sealing, "representative-access", representativeAccessMail(row.language, facts), now);
}

/** The caller holds the row. @throws StateError */
export async function offer(tx: Database, desk: ApplicationDesk, row: Representative, actor: string, now: Date): Promise<void> {
  await changeRepresentative(tx, row, { state: ACCESS_KEY.after(row.state, "offer") });
  await mailIdentifier(tx, desk, row, now);
  const details = { identifier: row.identifier };
  await appendAudit(tx, { at: now, actor, action: "representative.offer", subject: subjectOf(row.organisationId), details });
}

/** Whose organisation is in the job's key; told before, or replaced meanwhile: nothing. */
export function offerJob(desk: ApplicationDesk): JobHandler {
  return async (tx, { key }, now) => {
    const id = key.slice(OFFER_JOB.length + 1);
    const [row] = await tx.select().from(legalRepresentatives).where(eq(legalRepresentatives.organisationId, id)).for("update");
    if (row !== undefined && ACCESS_KEY.allows(row.state, "offer")) await offer(tx, desk, row, "clock", now);
  };
}

/** Whether somebody of the organisation was ever certified. */
export async function hasCertificates(db: Database, organisationId: string): Promise<boolean> {
  const [row] = await db
    .select({ id: certificates.id })
    .from(certificates)
    .innerJoin(people, eq(people.id, certificates.personId))
    .where(eq(people.organisationId, organisationId))
    .limit(1);
  return row !== undefined;
}

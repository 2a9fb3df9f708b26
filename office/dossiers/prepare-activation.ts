// The way to the token: a reference number is made and mailed, and of an older one nothing is good any more. One that nobody used in its time ends
// by the clock; another can be asked for while the dossier lasts.

import { and, eq, inArray } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { type AuditEvent, appendAudit } from "../audit/audit-trail.ts";
import { DAY_MS, later } from "../issuance/clock.ts";
import { type JobHandler, schedule } from "../jobs/jobs.ts";
import { queueMail } from "../mail/outbox.ts";
import { lapsedMail } from "../mail/templates/lapsed.ts";
import { referenceMail } from "../mail/templates/reference.ts";
import { referenceExpiredMail } from "../mail/templates/reference-expired.ts";
import type { Acting } from "../registration/officers.ts";
import { ACTIVATION, type ActivationState } from "../states/activation-states.ts";
import { accounts, activations } from "../store/application-schema.ts";
import { certificates, offices } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { auditDossier, changeDossier, type Dossier, holdDossier, moveDossier } from "./dossiers.ts";
import { newReferenceNumber } from "./reference-number.ts";

/** A reference number is good for so long. */
export const REFERENCE_LIFE_MS = 14 * DAY_MS;
export const ACTIVATION_EXPIRE_JOB = "activation.expire";

type Activation = typeof activations.$inferSelect;

const OPEN: readonly ActivationState[] = ["created", "mailed", "locked"];

/** The one that is open, held; the caller holds the dossier. */
export async function holdOpenActivation(tx: Database, dossierId: string): Promise<Activation | null> {
  const open = and(eq(activations.dossierId, dossierId), inArray(activations.state, [...OPEN]));
  const [row] = await tx.select().from(activations).where(open).for("update");
  return row ?? null;
}

async function endOpen(tx: Database, dossierId: string, event: "replace" | "expire"): Promise<Activation | null> {
  const open = await holdOpenActivation(tx, dossierId);
  if (open === null) return null;
  await tx
    .update(activations)
    .set({ state: ACTIVATION.after(open.state, event) })
    .where(eq(activations.id, open.id));
  return open;
}

/** Its certificate is over: the reference number that led to it is, too. The caller holds the dossier, and audits what happened. */
export async function endActivation(tx: Database, dossierId: string): Promise<void> {
  await endOpen(tx, dossierId, "expire");
}

/** Who is written to, and what every mail about a dossier says. */
async function recipientOf(tx: Database, { accountId, officeId, givenName, surname, number }: Dossier, publicUrl: string) {
  const [account] = await tx.select({ email: accounts.email }).from(accounts).where(eq(accounts.id, accountId));
  const [office] = await tx.select({ timeZone: offices.timeZone }).from(offices).where(eq(offices.id, officeId));
  if (account === undefined || office === undefined) throw new Error("a dossier of nobody, or nowhere");
  return { to: account.email, timeZone: office.timeZone, name: `${givenName} ${surname}`, number, publicUrl };
}

/** The due time is in its key: one that is put off comes again. */
async function scheduleExpiry(tx: Database, { id, expiresAt }: Pick<Activation, "id" | "expiresAt">): Promise<void> {
  const key = `${ACTIVATION_EXPIRE_JOB}:${id}:${expiresAt.toISOString()}`;
  await schedule(tx, { kind: ACTIVATION_EXPIRE_JOB, key, dueAt: expiresAt });
}

export interface Preparation {
  /** `lapsed`: a certificate was revoked since nobody activated it. */
  readonly template?: "reference" | "lapsed";
  /** Wrong answers so far, and the token that a right one came from, count for the new number, too. */
  readonly isContinued?: boolean;
  /** What led to it: appended to the audit trail at the end, before its own event. */
  readonly audited?: readonly AuditEvent[];
}

/**
 * The dossier is approved, or waits for its activation; the caller holds its row. Whatever reference number was good is not any more, another one is on
 * its way to the account's mailbox, and the dossier waits for its activation. Appends to the audit trail at its end.
 * @throws StateError
 */
export async function prepareActivation(
  tx: Database,
  { sealing, publicUrl }: Pick<ApplicationDesk, "sealing" | "publicUrl">,
  dossier: Dossier,
  acting: Acting,
  { template = "reference", isContinued = false, audited = [] }: Preparation = {},
): Promise<Dossier> {
  const before = await endOpen(tx, dossier.id, "replace");
  const isFirst = dossier.state !== "activation_ready";
  const moved = isFirst ? await moveDossier(tx, dossier, "prepare") : dossier;
  const reference = newReferenceNumber();
  const expiresAt = later(acting.now, REFERENCE_LIFE_MS);
  const [row] = await tx
    .insert(activations)
    .values({
      dossierId: dossier.id,
      digest: reference.digest,
      state: ACTIVATION.after("created", "mail"),
      failedTries: isContinued ? (before?.failedTries ?? 0) : 0,
      tokenSerial: isContinued ? (before?.tokenSerial ?? null) : null,
      createdAt: acting.now,
      expiresAt,
    })
    .returning({ id: activations.id });
  if (row === undefined) throw new Error("an activation that was not added");
  await scheduleExpiry(tx, { id: row.id, expiresAt });
  const facts = { ...(await recipientOf(tx, dossier, publicUrl)), reference: reference.text, expiresAt };
  const mail = template === "lapsed" ? lapsedMail(dossier.language, facts) : referenceMail(dossier.language, facts);
  await queueMail(tx, sealing, template, mail, acting.now);
  for (const event of audited) await appendAudit(tx, event);
  await auditDossier(tx, dossier.id, "prepare", acting, { activation: row.id, replaced: before?.id ?? null });
  return moved;
}

/** A certificate that waits for its proof has a clock of its own, and what leads to it ends with it. */
async function isIssued(tx: Database, { certificateId }: Dossier): Promise<boolean> {
  if (certificateId === null) return false;
  const [row] = await tx.select({ state: certificates.state }).from(certificates).where(eq(certificates.id, certificateId));
  return row?.state === "issued";
}

/** Ends the activation whose id is in the job's key, if its time is over by then and nobody has begun to use it. */
export function activationExpiryJob({ sealing, publicUrl }: ApplicationDesk): JobHandler {
  return async (tx, { key }, now) => {
    const id = key.split(":")[1] ?? "";
    const [known] = await tx.select({ dossierId: activations.dossierId }).from(activations).where(eq(activations.id, id));
    if (known === undefined) return;
    const dossier = await holdDossier(tx, known.dossierId);
    const [row] = await tx.select().from(activations).where(eq(activations.id, id)).for("update");
    if (row === undefined || !OPEN.includes(row.state)) return;
    if (row.expiresAt > now) return scheduleExpiry(tx, row);
    if (dossier.state !== "activation_ready") return;
    if (await isIssued(tx, dossier)) return scheduleExpiry(tx, { id, expiresAt: later(now, DAY_MS) });
    const state = ACTIVATION.after(row.state, "expire");
    await tx.update(activations).set({ state }).where(eq(activations.id, id));
    const { timeZone: _, ...facts } = await recipientOf(tx, dossier, publicUrl);
    await queueMail(tx, sealing, "reference-expired", referenceExpiredMail(dossier.language, facts), now);
    const without = { certificateId: null, tokenSerial: null };
    await changeDossier(tx, dossier, "lapse", { actor: "clock", now }, without, { activation: id });
  };
}

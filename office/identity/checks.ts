// A verifier's face-to-face check (S13): begun, gone through point by point, decided. The decision and what it means for the dossier are one transaction.
// Locked in this order: organisation, dossier, slot, check.

import { and, eq, inArray, isNull } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { type Dossier, holdDossier, holdGoingDossier, moveDossier } from "../dossiers/dossiers.ts";
import { isApplicant, isSameOfficer } from "../dossiers/same-person.ts";
import { queueMail } from "../mail/outbox.ts";
import { identityFailedMail } from "../mail/templates/identity-failed.ts";
import { IDENTITY_CHECK, type IdentityCheckEvent } from "../states/identity-check-states.ts";
import { appointmentSlots, evidence, identityChecks } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { cancelCheck, type IdentityCheck } from "./booking.ts";
import { IdentityError } from "./identity-error.ts";
import { holdSlot } from "./slots.ts";

/**
 * What the verifier sees with their own eyes: the person is there, alive and of their own will (`present`); the document is genuine and in date
 * (`document`), in the name of the application (`name`, S19), and shows this face (`face`); the mobile number is theirs (`phone`, S19); they have filled in
 * the form themselves (`own-form`, S10).
 */
export const CHECKLIST = ["present", "document", "name", "face", "phone", "own-form"] as const;
export type ChecklistItem = (typeof CHECKLIST)[number];

export type CheckDecision = "accept" | "refuse" | "doubt";

interface Held {
  readonly dossier: Dossier;
  readonly check: IdentityCheck;
}

/** @throws IdentityError unknown */
async function found(tx: Database, checkId: string, hold: boolean): Promise<IdentityCheck> {
  const query = tx.select().from(identityChecks).where(eq(identityChecks.id, checkId));
  const [check] = await (hold ? query.for("update") : query);
  if (check === undefined) throw new IdentityError("unknown");
  return check;
}

/** For a check that goes on. @throws IdentityError unknown, own-application; DossierError */
async function holdCheck(tx: Database, checkId: string, officerId: string): Promise<Held> {
  const { dossierId } = await found(tx, checkId, false); // never changes
  const dossier = await holdGoingDossier(tx, dossierId);
  const check = await found(tx, checkId, true);
  if (await isApplicant(tx, officerId, dossier)) throw new IdentityError("own-application");
  return { dossier, check };
}

interface Change {
  readonly event: IdentityCheckEvent;
  readonly officerId: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** The trail knows a check by its dossier. */
const audit = (tx: Database, { dossier, check }: Held, { event, officerId, details }: Change, at: Date): Promise<unknown> =>
  appendAudit(tx, {
    at,
    actor: `officer:${officerId}`,
    action: `identity.${event}`,
    subject: `dossier:${dossier.id}`,
    details: { check: check.id, ...details },
  });

export interface CheckOrder {
  readonly checkId: string;
  readonly officerId: string;
}

/** Whoever begins it decides it. @throws IdentityError unknown, own-application; StateError; DossierError */
export function beginCheck({ store, clock }: ApplicationDesk, { checkId, officerId }: CheckOrder): Promise<void> {
  return store.transaction(async (tx) => {
    const held = await holdCheck(tx, checkId, officerId);
    const { check } = held;
    if (check.state === "in_review" && check.officerId === officerId) return; // the button, pressed twice
    if (check.state === "in_review") throw new IdentityError("other-verifier");
    const state = IDENTITY_CHECK.after(check.state, "begin");
    await tx.update(identityChecks).set({ state, officerId }).where(eq(identityChecks.id, checkId));
    await audit(tx, held, { event: "begin", officerId }, clock.now());
  });
}

/** One that could not be decided: another verifier than the one who doubted. @throws IdentityError unknown, other-verifier, own-application */
export function takeUpCheck({ store, clock }: ApplicationDesk, { checkId, officerId }: CheckOrder): Promise<void> {
  return store.transaction(async (tx) => {
    const held = await holdCheck(tx, checkId, officerId);
    const { check } = held;
    if (check.state === "manual" && check.officerId === officerId) return;
    const state = IDENTITY_CHECK.after(check.state, "escalate");
    const doubtedBy = check.officerId;
    if (doubtedBy === null || (await isSameOfficer(tx, doubtedBy, officerId))) throw new IdentityError("other-verifier");
    // Whoever doubted had a part in the check, and approves nothing of it (dossiers/same-person.ts).
    await tx.update(identityChecks).set({ state, officerId, doubtedBy }).where(eq(identityChecks.id, checkId));
    await audit(tx, held, { event: "escalate", officerId, details: { doubted: doubtedBy } }, clock.now());
  });
}

/** It does not take place, or nobody came: the applicant reads why, and books again. @throws IdentityError unknown, note; StateError */
export function callOffCheck(
  desk: ApplicationDesk,
  { checkId, officerId, reason }: CheckOrder & { readonly reason: string },
): Promise<void> {
  const said = reason.trim();
  return desk.store.transaction(async (tx) => {
    if (said === "") throw new IdentityError("note");
    const { dossierId, slotId } = await found(tx, checkId, false);
    const dossier = await holdDossier(tx, dossierId); // also when the corporate account is closed
    await holdSlot(tx, slotId);
    const held = { dossier, check: await found(tx, checkId, true) };
    const now = desk.clock.now();
    await cancelCheck(tx, desk, dossier, held.check, said, now);
    // Nobody else is to book the hour at which the verifier can't.
    await tx.update(appointmentSlots).set({ withdrawnAt: now }).where(eq(appointmentSlots.id, slotId));
    await audit(tx, held, { event: "cancel", officerId }, now);
  });
}

export interface CheckVerdict extends CheckOrder {
  readonly decision: CheckDecision;
  /** What was seen to be so. */
  readonly seen: readonly ChecklistItem[];
  /** Refused: the applicant reads it. Otherwise for colleagues. */
  readonly note: string;
}

async function hasEvidence(tx: Database, dossierId: string): Promise<boolean> {
  const kept = and(
    eq(evidence.dossierId, dossierId),
    inArray(evidence.kind, ["document-front", "document-back"]),
    isNull(evidence.destroyedAt),
  );
  return (await tx.select({ id: evidence.id }).from(evidence).where(kept).limit(1)).length > 0;
}

async function requireReasons(tx: Database, dossierId: string, { decision, seen, note }: CheckVerdict): Promise<void> {
  const isNoted = note.trim() !== "";
  if (decision !== "accept") {
    if (!isNoted) throw new IdentityError("note");
    return;
  }
  if (CHECKLIST.some((item) => !seen.includes(item))) throw new IdentityError("checklist");
  if (!isNoted && !(await hasEvidence(tx, dossierId))) throw new IdentityError("evidence-missing");
}

/** What follows for the dossier; a doubt changes nothing of it. */
async function conclude(
  tx: Database,
  desk: ApplicationDesk,
  dossier: Dossier,
  { decision, officerId, note }: CheckVerdict,
  now: Date,
): Promise<void> {
  const verified = { verifierId: officerId, verifiedAt: now };
  if (decision === "accept") await moveDossier(tx, dossier, "verify", { ...verified, reason: null });
  if (decision !== "refuse") return;
  const reason = note.trim();
  await moveDossier(tx, dossier, "fail", { ...verified, reason });
  const { email, givenName, surname, number, language } = dossier;
  const mail = identityFailedMail(language, { to: email, publicUrl: desk.publicUrl, name: `${givenName} ${surname}`, number, reason });
  await queueMail(tx, desk.sealing, "identity-failed", mail, now);
}

/**
 * By whoever has begun it, or taken it up.
 * @throws IdentityError unknown, other-verifier, own-application, checklist, note, evidence-missing; StateError; DossierError
 */
export function decideCheck(desk: ApplicationDesk, verdict: CheckVerdict): Promise<void> {
  const { checkId, officerId, decision, seen, note } = verdict;
  return desk.store.transaction(async (tx) => {
    const held = await holdCheck(tx, checkId, officerId);
    const { dossier, check } = held;
    const state = IDENTITY_CHECK.after(check.state, decision);
    if (check.officerId !== officerId) throw new IdentityError("other-verifier");
    await requireReasons(tx, dossier.id, verdict);
    const now = desk.clock.now();
    const checklist = Object.fromEntries(CHECKLIST.map((item) => [item, seen.includes(item)]));
    // What made somebody doubt stays beside what decided it.
    const said = [check.note ?? "", note.trim()].filter((text) => text !== "").join("\n\n") || null;
    await tx.update(identityChecks).set({ state, checklist, note: said, decidedAt: now }).where(eq(identityChecks.id, checkId));
    await conclude(tx, desk, dossier, verdict, now);
    await audit(tx, held, { event: decision, officerId }, now);
  });
}

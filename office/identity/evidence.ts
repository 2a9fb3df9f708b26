// Pictures and scans of documents (S13, S23): checked by what is in them, sealed, shown to officers only, destroyed on their date. That there was one
// stays on record: who, when, SHA-256.

import { createHash, randomUUID } from "node:crypto";
import { and, count, eq, inArray, isNull } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { type AuditDetails, appendAudit } from "../audit/audit-trail.ts";
import { type Dossier, holdDossier, holdOwnDossier } from "../dossiers/dossiers.ts";
import { DAY_MS, HOUR_MS } from "../issuance/clock.ts";
import { type JobHandler, schedule } from "../jobs/jobs.ts";
import { spendTry } from "../registration/limits.ts";
import type { Acting } from "../registration/officers.ts";
import { readSettings } from "../settings/settings.ts";
import type { DossierState } from "../states/dossier-states.ts";
import { dossiers, evidence, identityChecks } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { checkContent, type MediaType } from "./content/content.ts";
import { IdentityError } from "./identity-error.ts";
import { EVIDENCE_JOB } from "./identity-states.ts";

export const EVIDENCE_KINDS = ["document-front", "document-back", "other"] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** At a time. */
export const MAX_EVIDENCE = 6;
/** With those that were taken back: each costs the reading of a file. */
const MAX_UPLOADS = 24;
const UPLOADS_AN_HOUR = 40;
/** While somebody's identity is being checked. */
const TAKING: readonly DossierState[] = ["submitted", "identity_pending"];

export type Uploader = { readonly accountId: string } | { readonly officerId: string };

export interface Upload {
  readonly dossierId: string;
  readonly kind: EvidenceKind;
  readonly bytes: Uint8Array;
  /** An officer's page has checked that the dossier is of their office. */
  readonly by: Uploader;
}

const actorOf = (by: Uploader): string => ("accountId" in by ? `account:${by.accountId}` : `officer:${by.officerId}`);
const purposeOf = (id: string): string => `evidence:${id}`;
const holdFor = (tx: Database, dossierId: string, by: Uploader): Promise<Dossier> =>
  "accountId" in by ? holdOwnDossier(tx, dossierId, by.accountId) : holdDossier(tx, dossierId);

/** The trail knows evidence by its dossier. */
function audit(tx: Database, action: string, dossierId: string, { actor, now }: Acting, details: AuditDetails = {}): Promise<unknown> {
  return appendAudit(tx, { at: now, actor, action: `evidence.${action}`, subject: `dossier:${dossierId}`, details });
}

async function requireRoom(tx: Database, { id, state }: Dossier): Promise<void> {
  if (!TAKING.includes(state)) throw new IdentityError("evidence-closed");
  const ofDossier = eq(evidence.dossierId, id);
  const [all] = await tx.select({ count: count() }).from(evidence).where(ofDossier);
  const [kept] = await tx
    .select({ count: count() })
    .from(evidence)
    .where(and(ofDossier, isNull(evidence.destroyedAt)));
  if ((kept?.count ?? 0) >= MAX_EVIDENCE || (all?.count ?? 0) >= MAX_UPLOADS) throw new IdentityError("evidence-count");
}

/** @returns its id @throws ContentError; IdentityError evidence-closed, evidence-count; DossierError; LimitError */
export async function addEvidence({ store, clock, sealing }: ApplicationDesk, upload: Upload): Promise<string> {
  const { dossierId, kind, by } = upload;
  const actor = actorOf(by);
  await spendTry(store, [{ subject: `evidence by ${actor}`, count: UPLOADS_AN_HOUR, windowMs: HOUR_MS }], clock.now());
  const { mediaType, bytes } = await checkContent(upload.bytes); // takes a while: nothing is locked
  const id = randomUUID();
  const sha256 = new Uint8Array(createHash("sha256").update(bytes).digest());
  const sealed = sealing.seal(purposeOf(id), bytes);
  return store.transaction(async (tx) => {
    await requireRoom(tx, await holdFor(tx, dossierId, by));
    const { evidenceDays } = await readSettings(tx);
    const now = clock.now();
    const destroyAt = new Date(now.getTime() + evidenceDays * DAY_MS);
    const about = { mediaType, sizeBytes: bytes.length, sha256, sealed, uploadedBy: actor, uploadedAt: now, destroyAt };
    await tx.insert(evidence).values({ id, dossierId, kind, ...about });
    await schedule(tx, { kind: EVIDENCE_JOB, key: `${EVIDENCE_JOB}:${id}`, dueAt: destroyAt });
    const details = { evidence: id, kind, mediaType, sizeBytes: bytes.length, sha256: Buffer.from(sha256).toString("hex") };
    await audit(tx, "add", dossierId, { actor, now }, details);
    return id;
  });
}

async function destroy(tx: Database, id: string, dossierId: string, acting: Acting): Promise<void> {
  await tx.update(evidence).set({ sealed: null, destroyedAt: acting.now }).where(eq(evidence.id, id));
  await audit(tx, "destroy", dossierId, acting, { evidence: id });
}

/** The applicant takes back what they have uploaded themselves, until a verifier begins. @throws IdentityError unknown, evidence-closed */
export function removeEvidence({ store, clock }: ApplicationDesk, id: string, accountId: string): Promise<void> {
  return store.transaction(async (tx) => {
    const [found] = await tx
      .select({ dossierId: evidence.dossierId, uploadedBy: evidence.uploadedBy })
      .from(evidence)
      .where(eq(evidence.id, id));
    if (found === undefined || found.uploadedBy !== actorOf({ accountId })) throw new IdentityError("unknown");
    const { state } = await holdOwnDossier(tx, found.dossierId, accountId);
    const begun = and(
      eq(identityChecks.dossierId, found.dossierId),
      inArray(identityChecks.state, ["in_review", "inconclusive", "manual"]),
    );
    const isBegun = (await tx.select({ id: identityChecks.id }).from(identityChecks).where(begun)).length > 0;
    if (!TAKING.includes(state) || isBegun) throw new IdentityError("evidence-closed");
    const [row] = await tx.select({ destroyedAt: evidence.destroyedAt }).from(evidence).where(eq(evidence.id, id)).for("update");
    if (row?.destroyedAt !== null) return;
    await destroy(tx, id, found.dossierId, { actor: actorOf({ accountId }), now: clock.now() });
  });
}

export interface ShownEvidence {
  readonly mediaType: MediaType;
  readonly bytes: Uint8Array;
}

/** That an officer looked is on record before they see it. @throws IdentityError unknown, evidence-gone; SealError */
export function showEvidence({ store, clock, sealing }: ApplicationDesk, id: string, officerId: string): Promise<ShownEvidence> {
  return store.transaction(async (tx) => {
    const [row] = await tx.select().from(evidence).where(eq(evidence.id, id));
    if (row === undefined) throw new IdentityError("unknown");
    if (row.sealed === null) throw new IdentityError("evidence-gone");
    const bytes = sealing.open(purposeOf(id), row.sealed);
    await audit(tx, "show", row.dossierId, { actor: `officer:${officerId}`, now: clock.now() }, { evidence: id });
    return { mediaType: row.mediaType as MediaType, bytes };
  });
}

/** S23, «Continuer»: no file that is taken; the verifier looks at the document itself. @throws IdentityError evidence-closed; DossierError */
export function reviewByHand({ store, clock }: ApplicationDesk, dossierId: string, accountId: string): Promise<void> {
  return store.transaction(async (tx) => {
    const { state, evidenceByHandAt } = await holdOwnDossier(tx, dossierId, accountId);
    if (!TAKING.includes(state)) throw new IdentityError("evidence-closed");
    if (evidenceByHandAt !== null) return;
    const now = clock.now();
    await tx.update(dossiers).set({ evidenceByHandAt: now }).where(eq(dossiers.id, dossierId));
    await audit(tx, "by-hand", dossierId, { actor: `account:${accountId}`, now });
  });
}

/** On its date, or when its dossier has ended: the row stays, the bytes are gone. */
export const evidenceJob: JobHandler = async (tx, { key }, now) => {
  const [, id = ""] = key.split(":");
  const [row] = await tx.select().from(evidence).where(eq(evidence.id, id)).for("update");
  if (row === undefined || row.destroyedAt !== null) return;
  if (row.destroyAt > now) {
    // It is kept longer than this job was told.
    await schedule(tx, { kind: EVIDENCE_JOB, key: `${EVIDENCE_JOB}:${id}:${row.destroyAt.getTime()}`, dueAt: row.destroyAt });
    return;
  }
  await destroy(tx, id, row.dossierId, { actor: "clock", now });
};

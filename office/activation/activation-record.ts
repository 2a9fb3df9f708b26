// An activation's row with its dossier: found by the reference number or the session, held in the order in which everybody holds them.

import { and, eq, inArray } from "drizzle-orm";
import { holdGoingDossier } from "../dossiers/dossiers.ts";
import { secretDigest } from "../registration/secret.ts";
import { activationSessions, activations, type dossiers } from "../store/application-schema.ts";
import { certificates, issuers, officers } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { ActivationError } from "./activation-error.ts";

export type Activation = typeof activations.$inferSelect;
export type Dossier = typeof dossiers.$inferSelect;
export type ActivationSession = typeof activationSessions.$inferSelect;

export async function holdActivation(tx: Database, id: string): Promise<Activation> {
  const [row] = await tx.select().from(activations).where(eq(activations.id, id)).for("update");
  if (row === undefined) throw new ActivationError("reference");
  return row;
}

/** Whether it can still lead to a certificate; also what the clock says before its job has run. @throws ActivationError expired, used, locked */
export function requireOpen({ state, expiresAt }: Activation, now: Date): void {
  if (state === "used" || state === "expired" || state === "locked") throw new ActivationError(state);
  if (expiresAt <= now) throw new ActivationError("expired");
}

/** Nothing is held. @throws ActivationError session */
export async function sessionOf(db: Database, secret: string, now: Date): Promise<ActivationSession> {
  const [row] = await db
    .select()
    .from(activationSessions)
    .where(eq(activationSessions.digest, secretDigest(secret)));
  if (row === undefined || row.expiresAt <= now) throw new ActivationError("session");
  if (row.officerId === null) return row;
  const [officer] = await db.select({ state: officers.state }).from(officers).where(eq(officers.id, row.officerId));
  if (officer?.state !== "active") throw new ActivationError("session");
  return row;
}

export interface HeldActivation {
  readonly session: ActivationSession;
  readonly dossier: Dossier;
  readonly activation: Activation;
  /** For whom the certificate is. */
  readonly personId: string;
  /** For the audit trail: the officer at whose desk it is, else the person. */
  readonly actor: string;
}

/**
 * A session's dossier and activation, held. The activation was used, too, when its answer was lost.
 * @throws ActivationError session, not-ready, expired, locked; DossierError organisation-not-open
 */
export async function holdSession(tx: Database, secret: string, now: Date): Promise<HeldActivation> {
  const session = await sessionOf(tx, secret, now);
  const [found] = await tx.select({ dossierId: activations.dossierId }).from(activations).where(eq(activations.id, session.activationId));
  if (found === undefined) throw new ActivationError("session");
  const dossier = await holdGoingDossier(tx, found.dossierId);
  const activation = await holdActivation(tx, session.activationId);
  if (activation.state !== "used") requireOpen(activation, now);
  const { personId, state } = dossier;
  if (personId === null || (state !== "activation_ready" && state !== "active")) throw new ActivationError("not-ready");
  const actor = session.officerId === null ? `person:${personId}` : `officer:${session.officerId}`;
  return { session, dossier, activation, personId, actor };
}

export interface LiveCertificate {
  readonly id: string;
  readonly state: "issued" | "active";
  readonly der: Uint8Array;
  /** Of the issuing CA, DER. */
  readonly issuer: Uint8Array;
  readonly serialNumber: string;
}

/** What the dossier's activation has led to, unless it is revoked or over. */
export async function certificateOf(db: Database, { certificateId }: Dossier, now: Date): Promise<LiveCertificate | null> {
  if (certificateId === null) return null;
  const [row] = await db
    .select({ certificate: certificates, issuer: issuers.certificate })
    .from(certificates)
    .innerJoin(issuers, eq(issuers.id, certificates.issuerId))
    .where(and(eq(certificates.id, certificateId), inArray(certificates.state, ["issued", "active"])));
  if (row === undefined || row.certificate.notAfter < now) return null;
  const { id, state, der, serialNumber } = row.certificate;
  return { id, state: state === "active" ? "active" : "issued", der, issuer: row.issuer, serialNumber };
}

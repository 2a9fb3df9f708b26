// From an open activation to an active certificate (S15): a challenge, the certificate, the proof. Each step may be asked for again: what it did is not
// done twice, and its answer is given again.

import { eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { auditDossier, moveDossier } from "../dossiers/dossiers.ts";
import { requireFree, takeToken, tokenOf } from "../enrolment/officer-token.ts";
import type { KeyEvidence } from "../issuance/attested-key.ts";
import { type IssuedCertificate, issue, PROOF_LIMIT_MS } from "../issuance/certificate-issuance.ts";
import { later } from "../issuance/clock.ts";
import { newChallengeIn } from "../issuance/issuance-challenge.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { isPersonProfile, type PersonProfile } from "../issuance/profiles.ts";
import { proveIn } from "../issuance/proof.ts";
import { queueMail } from "../mail/outbox.ts";
import { activeMail } from "../mail/templates/active.ts";
import { offerAtFirst } from "../representatives/offering.ts";
import { ACTIVATION } from "../states/activation-states.ts";
import type { CertificateState } from "../states/certificate-states.ts";
import { accounts, activations, dossiers } from "../store/application-schema.ts";
import { certificates, offices, organisations, tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { ActivationDesk } from "./activation-desk.ts";
import { ActivationError } from "./activation-error.ts";
import {
  type Activation,
  certificateOf,
  type Dossier,
  type HeldActivation,
  holdSession,
  type LiveCertificate,
  requireOpen,
  sessionOf,
} from "./activation-record.ts";
import { keepSecrets, recordWaiting, requireSecrets, type TokenSecrets } from "./token-escrow.ts";

/** `issued`: the possession is still to be proven to this activation. */
export type ActivationStage = "ready" | "issued" | "active";

export interface ActivationFacts {
  readonly office: string;
  readonly person: string;
  /** The corporate account's name; null: the person applied on their own. */
  readonly organisation: string | null;
  readonly profile: PersonProfile;
  readonly stage: ActivationStage;
  /** Serial number of the token that the certificate is for; null: there is none. */
  readonly token: string | null;
  readonly certificate: LiveCertificate | null;
}

function profileOf({ profile }: Dossier): PersonProfile {
  if (!isPersonProfile(profile)) throw new Error("a dossier for no profile");
  return profile;
}

const nameOf = ({ givenName, surname }: Dossier): string => `${givenName} ${surname}`;

function stageOf(certificate: LiveCertificate | null, { state }: Dossier): ActivationStage {
  if (certificate === null) return "ready";
  return state === "active" ? "active" : "issued";
}

/** @throws ActivationError used: its certificate is not valid any more */
function requireUsable(activation: Activation, certificate: LiveCertificate | null, now: Date): void {
  if (certificate === null) requireOpen(activation, now);
}

/** Where it is. @throws ActivationError session, not-ready, expired, locked, used; DossierError organisation-not-open */
export function activationState({ store, clock }: ActivationDesk, session: string): Promise<ActivationFacts> {
  return store.transaction(async (tx) => {
    const now = clock.now();
    const { dossier, activation } = await holdSession(tx, session, now);
    const certificate = await certificateOf(tx, dossier, now);
    requireUsable(activation, certificate, now);
    const [office] = await tx.select({ name: offices.name }).from(offices).where(eq(offices.id, dossier.officeId));
    return {
      office: office?.name ?? "",
      person: nameOf(dossier),
      organisation: await corporateAccount(tx, dossier),
      profile: profileOf(dossier),
      stage: stageOf(certificate, dossier),
      token: certificate === null ? null : dossier.tokenSerial,
      certificate,
    };
  });
}

async function corporateAccount(tx: Database, { organisationId }: Dossier): Promise<string | null> {
  if (organisationId === null) return null;
  const [row] = await tx.select({ name: organisations.name }).from(organisations).where(eq(organisations.id, organisationId));
  return row?.name ?? null;
}

/** @throws ActivationError issued, used, … */
async function requireNoCertificate(tx: Database, { dossier, activation }: HeldActivation, now: Date): Promise<void> {
  if ((await certificateOf(tx, dossier, now)) !== null) throw new ActivationError("issued");
  requireOpen(activation, now);
}

/**
 * For the token that the attestation names; nothing is changed on its record.
 * @returns 43 characters
 * @throws ActivationError; IssuanceError unassigned, other-stock, withdrawn-device, and what is wrong with the attestation
 */
export function activationChallenge(desk: ActivationDesk, session: string, evidence: KeyEvidence): Promise<string> {
  const now = desk.clock.now();
  return desk.store.transaction(async (tx) => {
    const held = await holdSession(tx, session, now);
    await requireNoCertificate(tx, held, now);
    const { serial: tokenSerial } = tokenOf(evidence, desk, now);
    const [known] = await tx.select().from(tokens).where(eq(tokens.serial, tokenSerial));
    if (known !== undefined) await requireFree(tx, known, held.personId);
    const { dossier, personId, actor } = held;
    const { challenge } = await newChallengeIn(tx, { personId, tokenSerial, profile: profileOf(dossier), actor }, now);
    return challenge;
  });
}

/** What a token was given that was formatted for this. @throws ActivationError secrets-known; IssuanceError unassigned, other-stock, withdrawn-device */
export function activationSecrets(desk: ActivationDesk, session: string, serial: string, secrets: TokenSecrets): Promise<void> {
  const now = desk.clock.now();
  return desk.store.transaction(async (tx) => {
    const held = await holdSession(tx, session, now);
    const event = await keepSecrets(tx, desk.sealing, held, serial, secrets, now);
    if (event !== null) await appendAudit(tx, event);
  });
}

export interface CertificateOrder {
  /** PKCS#10, DER, with the challenge in it. */
  readonly request: Uint8Array;
  readonly evidence: KeyEvidence;
}

/** Whose it is, before anything is held. */
async function requester({ db }: ActivationDesk["store"], session: string, now: Date) {
  const { activationId, officerId } = await sessionOf(db, session, now);
  const [found] = await db
    .select({ dossier: dossiers })
    .from(activations)
    .innerJoin(dossiers, eq(dossiers.id, activations.dossierId))
    .where(eq(activations.id, activationId));
  const personId = found?.dossier.personId ?? null;
  if (found === undefined || personId === null) throw new ActivationError("not-ready");
  return { personId, profile: profileOf(found.dossier), actor: officerId === null ? `person:${personId}` : `officer:${officerId}` };
}

/** The certificate is in the dossier, its token in the activation, which waits for the proof as long as the certificate does. */
async function noteCertificate(tx: Database, held: HeldActivation, { id }: IssuedCertificate, serial: string, now: Date): Promise<void> {
  const { dossier, activation, actor } = held;
  const until = later(now, PROOF_LIMIT_MS);
  const expiresAt = activation.expiresAt > until ? activation.expiresAt : until;
  await tx.update(dossiers).set({ tokenSerial: serial, certificateId: id }).where(eq(dossiers.id, dossier.id));
  await tx.update(activations).set({ tokenSerial: serial, expiresAt }).where(eq(activations.id, activation.id));
  const stored = await recordWaiting(tx, held, serial, now);
  await offerAtFirst(tx, held.personId, now);
  const details = { dossier: dossier.id, certificate: id, token: serial };
  if (stored !== null) await appendAudit(tx, stored);
  await appendAudit(tx, { at: now, actor, action: "activation.certify", subject: `activation:${activation.id}`, details });
}

/**
 * Token, certificate and dossier: all of it, or nothing. The same order again gets the same certificate.
 * @throws ActivationError; IssuanceError; DossierError organisation-not-open
 */
export async function activationCertificate(desk: ActivationDesk, session: string, order: CertificateOrder): Promise<IssuedCertificate> {
  const now = desk.clock.now();
  const { personId, profile, actor } = await requester(desk.store, session, now);
  let held: HeldActivation | null = null;
  let serial = "";
  const known = (): HeldActivation => {
    if (held === null) throw new Error("an activation that was not held");
    return held;
  };
  return issue(
    desk,
    { ...order, actor, personId, profile },
    {
      before: async (tx) => {
        held = await holdSession(tx, session, now);
      },
      takeToken: async (tx, tokenSerial) => {
        await requireNoCertificate(tx, known(), now);
        const told = tokenOf(order.evidence, desk, now);
        if (told.serial !== tokenSerial) throw new IssuanceError("other-token");
        serial = tokenSerial;
        await requireSecrets(tx, known().activation, serial);
        return takeToken(tx, told, personId, { actor, now });
      },
      after: async (tx, issued) => {
        if (issued.isNew) return noteCertificate(tx, known(), issued, serial, now);
        // A request of an activation before this one, whose certificate is over.
        if (issued.id !== known().dossier.certificateId) throw new IssuanceError("replayed");
      },
    },
  );
}

async function tellActive(tx: Database, desk: ActivationDesk, dossier: Dossier, certificateId: string, now: Date): Promise<void> {
  const [row] = await tx
    .select({ serialNumber: certificates.serialNumber, notAfter: certificates.notAfter })
    .from(certificates)
    .where(eq(certificates.id, certificateId));
  const [office] = await tx.select({ timeZone: offices.timeZone }).from(offices).where(eq(offices.id, dossier.officeId));
  const [account] = await tx.select({ email: accounts.email }).from(accounts).where(eq(accounts.id, dossier.accountId));
  if (row === undefined || office === undefined || account === undefined)
    throw new Error("a dossier without certificate, office or account");
  const common = { to: account.email, publicUrl: desk.publicUrl, name: nameOf(dossier), number: dossier.number };
  const mail = activeMail(dossier.language, { ...common, ...row, timeZone: office.timeZone });
  await queueMail(tx, desk.sealing, "active", mail, now);
}

/**
 * The holder has the key and the certificate: both are active from now on, and the reference number is used.
 * @param signature over proofText (issuance/proof.ts)
 * @throws ActivationError not-ready, …; ProofError; StateError: it was revoked meanwhile
 */
export function proveActivation(desk: ActivationDesk, session: string, signature: Uint8Array): Promise<CertificateState> {
  const now = desk.clock.now();
  return desk.store.transaction(async (tx) => {
    const held = await holdSession(tx, session, now);
    const { dossier, activation, actor } = held;
    const { certificateId } = dossier;
    if (certificateId === null) throw new ActivationError("not-ready");
    const isFirst = dossier.state !== "active";
    const state = await proveIn(tx, { certificateId, signature, actor }, now, async () => {
      if (!isFirst) return;
      await moveDossier(tx, dossier, "activate");
      const used = ACTIVATION.after(activation.state, "use");
      await tx.update(activations).set({ state: used, usedAt: now }).where(eq(activations.id, activation.id));
      await tellActive(tx, desk, dossier, certificateId, now);
    });
    if (!isFirst) return state;
    const details = { dossier: dossier.id, certificate: certificateId };
    await appendAudit(tx, { at: now, actor, action: "activation.use", subject: `activation:${activation.id}`, details });
    await auditDossier(tx, dossier.id, "activate", { actor, now }, { certificate: certificateId });
    return state;
  });
}

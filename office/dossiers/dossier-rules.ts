// An application, from its first page until it is sent; and how it ends early or is taken up again (S10 to S13).

import { and, eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import type { Person } from "../issuance/certificate-authority.ts";
import { DAY_MS, later } from "../issuance/clock.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { checkPerson } from "../issuance/subject.ts";
import { queueMail } from "../mail/outbox.ts";
import { applicationReceivedMail } from "../mail/templates/application-received.ts";
import { bookCheckMail } from "../mail/templates/book-check.ts";
import { readSettings } from "../settings/settings.ts";
import { DOSSIER } from "../states/dossier-states.ts";
import { PAYMENT } from "../states/payment-states.ts";
import { dossiers } from "../store/application-schema.ts";
import { organisations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { type Level, requireLevel } from "./certificate-level.ts";
import { documentsNow, type GivenConsent, recordConsents } from "./consents.ts";
import { endWhatHangsOn } from "./dossier-end.ts";
import { DossierError } from "./dossier-error.ts";
import { scheduleExpiry } from "./dossier-expiry.ts";
import { newDossierNumber } from "./dossier-number.ts";
import {
  auditDossier,
  type Dossier,
  dossierOf,
  dossiersOf,
  type HeldAccount,
  holdAccount,
  holdDossier,
  holdGoingDossier,
  holdOpenOrganisation,
  holdOwnDossier,
  isUnderWay,
  moveDossier,
} from "./dossiers.ts";
import { holdInvitation } from "./invitations.ts";
import { questionsOf } from "./question-sets.ts";
import { QUESTIONS_A_SET } from "./questions.ts";

/** A form that was begun and not sent. */
export const DRAFT_LIFE_MS = 30 * DAY_MS;

/** Where the applicant sees it. */
export const dossierPath = (id: string): string => `/my/dossiers/${id}`;

interface Beginning {
  readonly accountId: string;
  readonly language: "fr" | "en";
}

/** On one's own, authorised by an association; or as a corporate account's manager asked. */
export type NewDossier = Beginning & ({ readonly associationId: string } | { readonly invitationId: string });

/** @throws DossierError unknown-association */
async function associationOf(tx: Database, id: string): Promise<typeof organisations.$inferSelect> {
  const open = and(eq(organisations.id, id), eq(organisations.kind, "association"), eq(organisations.state, "open"));
  const [row] = await tx.select().from(organisations).where(open).for("share");
  if (row === undefined) throw new DossierError("unknown-association");
  return row;
}

type Ground = Pick<Dossier, "officeId" | "associationId" | "organisationId" | "payment">;

async function groundOf(tx: Database, order: NewDossier, account: HeldAccount, now: Date): Promise<Ground> {
  if ("associationId" in order) {
    const { id, officeId } = await associationOf(tx, order.associationId);
    return { officeId, associationId: id, organisationId: null, payment: "due" };
  }
  const { organisationId } = await holdInvitation(tx, order.invitationId, account, now);
  const { officeId } = await holdOpenOrganisation(tx, organisationId);
  return { officeId, associationId: null, organisationId, payment: PAYMENT.after("due", "cover") };
}

/**
 * One at a time on one's own, and one for each organisation.
 * @returns the dossier's id
 * @throws DossierError unknown-association, not-invited, invitation-used, organisation-not-open, already-open
 */
export function beginDossier({ store, clock }: ApplicationDesk, order: NewDossier): Promise<string> {
  return store.transaction(async (tx) => {
    const now = clock.now();
    const account = await holdAccount(tx, order.accountId);
    const ground = await groundOf(tx, order, account, now);
    const own = await dossiersOf(tx, account.id);
    if (own.some(({ state, organisationId }) => isUnderWay(state) && organisationId === ground.organisationId)) {
      throw new DossierError("already-open");
    }
    const expiresAt = later(now, DRAFT_LIFE_MS);
    const empty = { givenName: "", surname: "", phone: "", title: "", memberNumber: "" };
    const values = { ...ground, ...empty, accountId: account.id, email: account.email, language: order.language };
    const state = "draft" as const;
    const row = { ...values, number: newDossierNumber(), profile: "SIGN-LCP", state, createdAt: now, expiresAt };
    const [made] = await tx.insert(dossiers).values(row).returning({ id: dossiers.id });
    if (made === undefined) throw new Error("the database made no dossier");
    await scheduleExpiry(tx, made.id, expiresAt);
    await auditDossier(tx, made.id, "begin", { actor: `account:${account.id}`, now }, { organisation: ground.organisationId });
    return made.id;
  });
}

/** What the applicant says of themselves (S12). */
export interface Details {
  readonly givenName: string;
  readonly surname: string;
  readonly phone: string;
  readonly title: string;
  readonly memberNumber: string;
  readonly language: "fr" | "en";
  /** «Autorisé par»; null: none, which only somebody whom an organisation invited may say. */
  readonly associationId: string | null;
  /** SIGN-LCP when it is not said. */
  readonly profile?: Level;
}

interface Place {
  readonly name: string;
  readonly country: string;
}

function fits(person: Person): boolean {
  try {
    checkPerson(person);
    return true;
  } catch (error) {
    if (error instanceof IssuanceError) return false;
    throw error;
  }
}

/** What an approver could only refuse is said while it can be changed. @throws DossierError names, membership */
function requireCertifiable({ email, number }: Dossier, details: Details, place: Place, association: Place | null): void {
  const { givenName, surname, title, memberNumber } = details;
  const person = { givenName, surname, email, number, organisation: place.name, country: place.country };
  if (!fits(person)) throw new DossierError("names");
  const membership = association === null || memberNumber === "" ? null : { association: association.name, number: memberNumber };
  if (!fits({ ...person, title: title === "" ? null : title, membership })) throw new DossierError("membership");
}

/** A draft is changed as often as the applicant likes, and not audited. @throws DossierError unknown, organisation-not-open, unknown-association, names, membership, profile; StateError it is sent */
export async function saveDraft(
  { store, clock }: ApplicationDesk,
  { accountId, dossierId, details }: { readonly accountId: string; readonly dossierId: string; readonly details: Details },
): Promise<void> {
  await store.transaction(async (tx) => {
    const association = details.associationId === null ? null : await associationOf(tx, details.associationId);
    const dossier = await holdOwnDossier(tx, dossierId, accountId);
    const { state, organisationId, officeId } = dossier;
    DOSSIER.after(state, "submit");
    const place = organisationId === null ? association : await holdOpenOrganisation(tx, organisationId);
    if (place === null) throw new DossierError("unknown-association");
    requireCertifiable(dossier, details, place, association);
    const { profile = "SIGN-LCP" } = details;
    await requireLevel(tx, dossier, profile, { ...details, email: dossier.email }, clock.now());
    await tx
      .update(dossiers)
      .set({
        ...details,
        profile,
        // One form of each letter: whoever searches types another than the one that was pasted here.
        givenName: details.givenName.normalize("NFC"),
        surname: details.surname.normalize("NFC"),
        officeId: organisationId === null ? (association?.officeId ?? officeId) : officeId,
      })
      .where(eq(dossiers.id, dossierId));
  });
}

/** What has to be there before it is sent. */
export function isComplete({ givenName, surname, phone, associationId, organisationId, title, memberNumber }: Dossier): boolean {
  if (givenName === "" || surname === "" || phone === "") return false;
  return associationId === null ? organisationId !== null : title !== "" && memberNumber !== "";
}

const mailFacts = ({ publicUrl }: ApplicationDesk, { email, number, givenName, surname }: Dossier) => ({
  to: email,
  publicUrl,
  name: `${givenName} ${surname}`,
  number,
});

async function mailBooking(tx: Database, desk: ApplicationDesk, dossier: Dossier, now: Date): Promise<void> {
  const path = `${dossierPath(dossier.id)}/appointment`;
  await queueMail(tx, desk.sealing, "book-check", bookCheckMail(dossier.language, { ...mailFacts(desk, dossier), path }), now);
}

/**
 * @throws DossierError unknown, organisation-not-open, unknown-association, incomplete, profile, questions-missing, consents-changed; StateError
 */
export async function submitDossier(
  desk: ApplicationDesk,
  order: { readonly accountId: string; readonly dossierId: string; readonly consents: readonly GivenConsent[] },
): Promise<void> {
  const { accountId, dossierId } = order;
  await desk.store.transaction(async (tx) => {
    const now = desk.clock.now();
    await holdAccount(tx, accountId); // nobody changes its questions meanwhile
    const { associationId } = await dossierOf(tx, dossierId);
    if (associationId !== null) await associationOf(tx, associationId);
    const dossier = await holdOwnDossier(tx, dossierId, accountId);
    const settings = await readSettings(tx);
    const expiresAt = later(now, settings.dossierDays * DAY_MS);
    const moved = await moveDossier(tx, dossier, "submit", { submittedAt: now, expiresAt });
    if (!isComplete(dossier)) throw new DossierError("incomplete");
    await requireLevel(tx, dossier, dossier.profile, dossier, now); // the certificate may have been revoked since
    if ((await questionsOf(tx, accountId)).length !== QUESTIONS_A_SET) throw new DossierError("questions-missing");
    await recordConsents(tx, dossierId, order.consents, await documentsNow(tx, dossier.language), now);
    await scheduleExpiry(tx, dossierId, expiresAt);
    await queueMail(tx, desk.sealing, "application-received", applicationReceivedMail(moved.language, mailFacts(desk, moved)), now);
    await mailBooking(tx, desk, moved, now);
    await auditDossier(tx, dossierId, "submit", { actor: `account:${accountId}`, now }, { number: moved.number });
  });
}

/** The applicant, or an officer whose permission the caller has looked at. */
export type Canceller = { readonly accountId: string } | { readonly officerId: string };

/**
 * As long as no certificate is issued: also of an organisation that is closed.
 * @param reason the applicant reads it; null: they did it themselves
 * @throws DossierError unknown, too-late; StateError
 */
export async function cancelDossier(
  { store, clock }: ApplicationDesk,
  order: { readonly dossierId: string; readonly by: Canceller; readonly reason: string | null },
): Promise<void> {
  const { dossierId, by, reason } = order;
  await store.transaction(async (tx) => {
    const now = clock.now();
    const dossier = await holdDossier(tx, dossierId);
    if ("accountId" in by && dossier.accountId !== by.accountId) throw new DossierError("unknown");
    if (DOSSIER.allows(dossier.state, "cancel") && dossier.certificateId !== null) throw new DossierError("too-late");
    await moveDossier(tx, dossier, "cancel", { reason });
    await endWhatHangsOn(tx, dossierId, now);
    const actor = "accountId" in by ? `account:${by.accountId}` : `officer:${by.officerId}`;
    await auditDossier(tx, dossierId, "cancel", { actor, now }, { from: dossier.state, ...(reason !== null && { reason }) });
  });
}

/**
 * Somebody who failed their check may book another. The caller has looked at the officer's permission.
 * @throws DossierError unknown, organisation-not-open; StateError
 */
export async function reopenDossier(
  desk: ApplicationDesk,
  { dossierId, officerId, reason }: { readonly dossierId: string; readonly officerId: string; readonly reason: string },
): Promise<void> {
  await desk.store.transaction(async (tx) => {
    const now = desk.clock.now();
    const dossier = await moveDossier(tx, await holdGoingDossier(tx, dossierId), "reopen", { reason: null });
    await mailBooking(tx, desk, dossier, now);
    await auditDossier(tx, dossierId, "reopen", { actor: `officer:${officerId}`, now }, { reason });
  });
}

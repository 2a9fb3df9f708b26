// Corporate accounts (S9): an organisation with five users or more asks for one, with a named manager; an officer opens it; from then on the manager invites
// its people. The manager sees how far each dossier is, and never an answer or a piece of evidence.

import { and, eq, gt, isNull } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { DAY_MS, later } from "../issuance/clock.ts";
import type { Mail } from "../mail/mail.ts";
import { queueMail } from "../mail/outbox.ts";
import { invitationToApplyMail } from "../mail/templates/invitation-to-apply.ts";
import { organisationClosedMail } from "../mail/templates/organisation-closed.ts";
import { organisationOpenedMail } from "../mail/templates/organisation-opened.ts";
import { organisationRefusedMail } from "../mail/templates/organisation-refused.ts";
import { organisationReopenedMail } from "../mail/templates/organisation-reopened.ts";
import { nameRepresentative } from "../registration/legal-representatives.ts";
import { spendTry } from "../registration/limits.ts";
import type { Acting } from "../registration/officers.ts";
import { changeOrganisation, holdOrganisation, requestOrganisation } from "../registration/organisations.ts";
import { ORGANISATION, type OrganisationEvent } from "../states/organisation-states.ts";
import { accounts, organisationInvitations, organisationManagers, organisationRequests } from "../store/application-schema.ts";
import { offices } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { holdAccount, holdOpenOrganisation } from "./dossiers.ts";

export const MIN_CORPORATE_USERS = 5;
/** An invitation goes by mail, and holidays may be in between. */
const INVITATION_LIFE_MS = 30 * DAY_MS;
/** Nobody makes the office send mails without end: neither by asking for accounts nor by inviting. */
const REQUESTS_A_DAY = 5;
const INVITATIONS_A_DAY = 500;

/**
 * `unknown`: there is none, or the account does not manage it; `not-requested`: it was no request; `no-account`: nobody has proved that mailbox;
 * `same-manager`: they are the manager already.
 */
export type CorporateRefusal =
  | "unknown"
  | "too-few-users"
  | "unknown-office"
  | "reason-missing"
  | "not-requested"
  | "no-account"
  | "same-manager";

export class CorporateError extends Error {
  override readonly name = "CorporateError";
  readonly refusal: CorporateRefusal;
  constructor(refusal: CorporateRefusal) {
    super(`corporate account: ${refusal}`);
    this.refusal = refusal;
  }
}

export interface CorporateRequest {
  /** Of the manager to be. */
  readonly accountId: string;
  readonly officeId: string;
  readonly name: string;
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly managerName: string;
  readonly phone: string;
  /** How many people are to have a certificate. */
  readonly users: number;
  /** Who revokes for the organisation (S6); null: the manager. */
  readonly representative?: { readonly name: string; readonly email: string } | null;
}

/** Below five each application is paid by itself. @returns the organisation's id @throws CorporateError too-few-users, unknown-office; LimitError */
export async function requestCorporateAccount({ store, clock }: ApplicationDesk, order: CorporateRequest): Promise<string> {
  const now = clock.now();
  const { accountId, officeId, name, country, managerName, phone, users, representative } = order;
  if (users < MIN_CORPORATE_USERS) throw new CorporateError("too-few-users");
  await spendTry(store, [{ subject: `corporate requests of ${accountId}`, count: REQUESTS_A_DAY, windowMs: DAY_MS }], now);
  return store.transaction(async (tx) => {
    const { email, language } = await holdAccount(tx, accountId);
    const [office] = await tx.select({ id: offices.id }).from(offices).where(eq(offices.id, officeId)).for("share");
    if (office === undefined) throw new CorporateError("unknown-office");
    // The audit event in it comes before the rows that only this transaction can see: nothing waits for anybody any more.
    const acting = { actor: `account:${accountId}`, now };
    const organisationId = await requestOrganisation(tx, { officeId, name, country }, acting);
    await tx.insert(organisationRequests).values({ organisationId, accountId, users, requestedAt: now });
    await tx.insert(organisationManagers).values({ organisationId, accountId, name: managerName, phone, since: now });
    const named = representative ?? { name: managerName, email };
    await nameRepresentative(tx, { organisationId, ...named, language: language === "fr" ? "fr" : "en" }, acting);
    return organisationId;
  });
}

export interface Manager {
  readonly accountId: string;
  readonly name: string;
  readonly email: string;
  /** fr or en. */
  readonly language: string;
}

/** The one that a corporate account has now; undefined: the organisation has no such account. Whoever changes it holds the organisation. */
export async function managerOf(db: Database, organisationId: string): Promise<Manager | undefined> {
  const { accountId, name } = organisationManagers;
  const [row] = await db
    .select({ accountId, name, email: accounts.email, language: accounts.language })
    .from(organisationManagers)
    .innerJoin(accounts, eq(accounts.id, organisationManagers.accountId))
    .where(eq(organisationManagers.organisationId, organisationId));
  return row;
}

interface DecisionFacts {
  readonly to: string;
  readonly publicUrl: string;
  /** The manager's. */
  readonly name: string;
  readonly organisation: string;
  /** The manager's page. */
  readonly path: string;
  readonly reason: string;
}

/** What the manager reads; the outbox has it by the template's name. */
const DECISION_MAILS: Readonly<Record<OrganisationEvent, readonly [template: string, (language: string, facts: DecisionFacts) => Mail]>> = {
  open: ["organisation-opened", organisationOpenedMail],
  refuse: ["organisation-refused", organisationRefusedMail],
  close: ["organisation-closed", organisationClosedMail],
  reopen: ["organisation-reopened", organisationReopenedMail],
};

/**
 * The manager is told. The caller has looked at the officer's permission.
 * @param given of a refusal: the manager reads it
 * @throws RegistrationError unknown-organisation; CorporateError not-requested, reason-missing; StateError
 */
export async function decideCorporateAccount(
  desk: ApplicationDesk,
  organisationId: string,
  decision: OrganisationEvent,
  given: string | null,
  acting: Acting,
): Promise<void> {
  const reason = (given ?? "").trim();
  if (decision === "refuse" && reason === "") throw new CorporateError("reason-missing");
  const { sealing, publicUrl } = desk;
  await desk.store.transaction(async (tx) => {
    const { name: organisation, state } = await holdOrganisation(tx, organisationId);
    ORGANISATION.after(state, decision);
    const manager = await managerOf(tx, organisationId);
    if (manager === undefined) throw new CorporateError("not-requested");
    // What was refused once is not why it is closed another time.
    const refusal = decision === "refuse" ? reason : null;
    await tx.update(organisationRequests).set({ refusal }).where(eq(organisationRequests.organisationId, organisationId));
    const { email: to, name, language } = manager;
    const [template, mail] = DECISION_MAILS[decision];
    const facts = { to, publicUrl, name, organisation, path: managersPath(organisationId), reason };
    await queueMail(tx, sealing, template, mail(language, facts), acting.now);
    await changeOrganisation(tx, organisationId, decision, acting);
  });
}

/** The manager's page, on the office's site. */
export const managersPath = (organisationId: string): string => `/my/organisations/${organisationId}`;

/** @throws CorporateError unknown */
async function requireManager(tx: Database, organisationId: string, accountId: string): Promise<void> {
  const own = and(eq(organisationManagers.organisationId, organisationId), eq(organisationManagers.accountId, accountId));
  const [row] = await tx.select().from(organisationManagers).where(own);
  if (row === undefined) throw new CorporateError("unknown");
}

export interface InvitationOrder {
  readonly organisationId: string;
  /** The manager's. */
  readonly accountId: string;
  readonly email: string;
  readonly language: "fr" | "en";
}

/** Somebody who is invited already gets the mail again, and another month. @throws CorporateError unknown; DossierError organisation-not-open; LimitError */
export async function inviteToApply(desk: ApplicationDesk, order: InvitationOrder): Promise<void> {
  const { organisationId, accountId, language } = order;
  const email = order.email.trim().toLowerCase();
  const now = desk.clock.now();
  await requireManager(desk.store.db, organisationId, accountId);
  await spendTry(desk.store, [{ subject: `invitations of ${organisationId}`, count: INVITATIONS_A_DAY, windowMs: DAY_MS }], now);
  await desk.store.transaction(async (tx) => {
    await holdAccount(tx, accountId);
    const organisation = await holdOpenOrganisation(tx, organisationId);
    await requireManager(tx, organisationId, accountId); // held: nobody takes their place meanwhile
    const expiresAt = later(now, INVITATION_LIFE_MS);
    const same = and(
      eq(organisationInvitations.organisationId, organisationId),
      eq(organisationInvitations.email, email),
      isNull(organisationInvitations.withdrawnAt),
      gt(organisationInvitations.expiresAt, now),
    );
    const values = { invitedBy: accountId, invitedAt: now, expiresAt };
    const renewed = await tx.update(organisationInvitations).set(values).where(same).returning({ id: organisationInvitations.id });
    if (renewed.length === 0) await tx.insert(organisationInvitations).values({ organisationId, email, ...values });
    const manager = await managerOf(tx, organisationId);
    const [office] = await tx.select({ timeZone: offices.timeZone }).from(offices).where(eq(offices.id, organisation.officeId));
    const facts = { to: email, publicUrl: desk.publicUrl, organisation: organisation.name, invitedBy: manager?.name ?? "" };
    const mail = invitationToApplyMail(language, { ...facts, path: "/apply", expiresAt, timeZone: office?.timeZone ?? "UTC" });
    await queueMail(tx, desk.sealing, "invitation-to-apply", mail, now);
    const subject = `organisation:${organisationId}`;
    await appendAudit(tx, { at: now, actor: `account:${accountId}`, action: "organisation.invite", subject });
  });
}

/** A dossier that was begun by it goes on. @throws CorporateError unknown */
export async function endInvitation(
  { store, clock }: ApplicationDesk,
  { invitationId, accountId }: { readonly invitationId: string; readonly accountId: string },
): Promise<void> {
  await store.transaction(async (tx) => {
    const now = clock.now();
    const [row] = await tx.select().from(organisationInvitations).where(eq(organisationInvitations.id, invitationId)).for("update");
    if (row === undefined) throw new CorporateError("unknown");
    await requireManager(tx, row.organisationId, accountId);
    if (row.withdrawnAt !== null) return;
    await tx.update(organisationInvitations).set({ withdrawnAt: now }).where(eq(organisationInvitations.id, invitationId));
    const subject = `organisation:${row.organisationId}`;
    await appendAudit(tx, { at: now, actor: `account:${accountId}`, action: "organisation.end-invitation", subject });
  });
}

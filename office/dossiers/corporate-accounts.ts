// Corporate accounts (S9): an organisation with five users or more asks for one, with a named manager; an officer opens it; from then on the manager invites
// its people. The manager sees how far each dossier is, and never an answer or a piece of evidence.

import { and, eq, gt, isNull } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { DAY_MS, later } from "../issuance/clock.ts";
import { queueMail } from "../mail/outbox.ts";
import { invitationToApplyMail } from "../mail/templates/invitation-to-apply.ts";
import { organisationOpenedMail } from "../mail/templates/organisation-opened.ts";
import { organisationRefusedMail } from "../mail/templates/organisation-refused.ts";
import { spendTry } from "../registration/limits.ts";
import type { Acting } from "../registration/officers.ts";
import { changeOrganisation, holdOrganisation, requestOrganisation } from "../registration/organisations.ts";
import { ORGANISATION } from "../states/organisation-states.ts";
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

/** `unknown`: there is none, or the account does not manage it; `not-requested`: it was no request, or it is decided. */
export type CorporateRefusal = "unknown" | "too-few-users" | "unknown-office" | "reason-missing" | "not-requested";

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
}

/** Below five each application is paid by itself. @returns the organisation's id @throws CorporateError too-few-users, unknown-office; LimitError */
export async function requestCorporateAccount({ store, clock }: ApplicationDesk, order: CorporateRequest): Promise<string> {
  const now = clock.now();
  const { accountId, officeId, name, country, managerName, phone, users } = order;
  if (users < MIN_CORPORATE_USERS) throw new CorporateError("too-few-users");
  await spendTry(store, [{ subject: `corporate requests of ${accountId}`, count: REQUESTS_A_DAY, windowMs: DAY_MS }], now);
  return store.transaction(async (tx) => {
    await holdAccount(tx, accountId);
    const [office] = await tx.select({ id: offices.id }).from(offices).where(eq(offices.id, officeId)).for("share");
    if (office === undefined) throw new CorporateError("unknown-office");
    // The audit event in it comes before the rows that only this transaction can see: nothing waits for anybody any more.
    const organisationId = await requestOrganisation(tx, { officeId, name, country }, { actor: `account:${accountId}`, now });
    await tx.insert(organisationRequests).values({ organisationId, accountId, managerName, phone, users, requestedAt: now });
    await tx.insert(organisationManagers).values({ organisationId, accountId });
    return organisationId;
  });
}

export type CorporateDecision = "open" | "refuse";

async function requestOf(tx: Database, organisationId: string) {
  const [row] = await tx
    .select({ request: organisationRequests, email: accounts.email, language: accounts.language })
    .from(organisationRequests)
    .innerJoin(accounts, eq(accounts.id, organisationRequests.accountId))
    .where(eq(organisationRequests.organisationId, organisationId));
  return row;
}

/**
 * The manager is told. The caller has looked at the officer's permission.
 * @param reason of a refusal: the manager reads it
 * @throws RegistrationError unknown-organisation; CorporateError not-requested, reason-missing; StateError
 */
export async function decideCorporateAccount(
  desk: ApplicationDesk,
  organisationId: string,
  decision: CorporateDecision,
  reason: string | null,
  acting: Acting,
): Promise<void> {
  if (decision === "refuse" && (reason ?? "").trim() === "") throw new CorporateError("reason-missing");
  const { sealing, publicUrl } = desk;
  await desk.store.transaction(async (tx) => {
    const { name, state } = await holdOrganisation(tx, organisationId);
    ORGANISATION.after(state, decision);
    const asked = await requestOf(tx, organisationId);
    if (asked === undefined) throw new CorporateError("not-requested");
    const { email: to, language, request } = asked;
    const facts = { to, publicUrl, name: request.managerName, organisation: name };
    if (decision === "open") {
      const path = `/my/organisations/${organisationId}`;
      await queueMail(tx, sealing, "organisation-opened", organisationOpenedMail(language, { ...facts, path }), acting.now);
    } else {
      const refusal = reason ?? "";
      await tx.update(organisationRequests).set({ refusal }).where(eq(organisationRequests.organisationId, organisationId));
      await queueMail(tx, sealing, "organisation-refused", organisationRefusedMail(language, { ...facts, reason: refusal }), acting.now);
    }
    await changeOrganisation(tx, organisationId, decision, acting);
  });
}

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
    await requireManager(tx, organisationId, accountId);
    const organisation = await holdOpenOrganisation(tx, organisationId);
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
    const asked = await requestOf(tx, organisationId);
    const [office] = await tx.select({ timeZone: offices.timeZone }).from(offices).where(eq(offices.id, organisation.officeId));
    const facts = { to: email, publicUrl: desk.publicUrl, organisation: organisation.name, invitedBy: asked?.request.managerName ?? "" };
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

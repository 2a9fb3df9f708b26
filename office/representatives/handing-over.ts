// How a legal representative comes by the access key: an officer who has made sure who they are gives them a code, by telephone or at the desk; with
// it, and with a code from their mailbox, they are shown the key, once. So neither the mailbox alone nor an officer alone is enough. The key exists from
// that moment on: there is nothing to be kept, or to be stolen, before.

import { and, eq } from "drizzle-orm";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { type Identity, isSameOfficer, mayBeOfficer } from "../dossiers/same-person.ts";
import { DAY_MS, later } from "../issuance/clock.ts";
import { queueMail } from "../mail/outbox.ts";
import { representativeKeyMail } from "../mail/templates/representative-key.ts";
import { representativeReplacedMail } from "../mail/templates/representative-replaced.ts";
import { type NewRepresentative, nameRepresentative, newIdentifier } from "../registration/legal-representatives.ts";
import type { Acting } from "../registration/officers.ts";
import { holdOrganisation } from "../registration/organisations.ts";
import { slowHash } from "../sealing/slow-hash.ts";
import { ACCESS_KEY } from "../states/access-key-states.ts";
import { accounts, organisationManagers } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { AccessError } from "./access-error.ts";
import { newAccessKey, newCode } from "./access-secrets.ts";
import { hasCertificates, mailIdentifier, offer } from "./offering.ts";
import {
  actorOf,
  changeRepresentative,
  endSessions,
  holdRepresentative,
  type Representative,
  representativeOf,
  subjectOf,
} from "./representative.ts";
import { changeSession, holdOpenSession } from "./representative-sessions.ts";

/** From the telephone to the browser; the mail with the identifier may have to be looked for. */
export const HANDOVER_MS = DAY_MS;

const NO_KEY = { keyHash: null, keyAt: null, handoverHash: null, handoverExpiresAt: null, failedTries: 0, lockedAt: null };

const officerActor = (officerId: string): string => `officer:${officerId}`;

/** The manager who named the representative with the request for the corporate account. */
async function managerWho(tx: Database, accountId: string, organisationId: string): Promise<Identity> {
  const theirs = and(eq(organisationManagers.accountId, accounts.id), eq(organisationManagers.organisationId, organisationId));
  const [row] = await tx
    .select({ email: accounts.email, name: organisationManagers.name })
    .from(accounts)
    .leftJoin(organisationManagers, theirs)
    .where(eq(accounts.id, accountId));
  if (row === undefined) throw new Error("a representative whom nobody named");
  return { personId: null, emails: [row.email], name: row.name ?? row.email };
}

/** Neither whoever named the representative (they could have named a mailbox of their own) nor the representative. @throws AccessError same-officer */
async function requireSomebodyElse(tx: Database, row: Representative, officerId: string): Promise<void> {
  const [kind, namedBy = ""] = row.namedBy.split(":");
  const isTheirs =
    (await mayBeOfficer(tx, officerId, { personId: null, emails: [row.email], name: row.name })) ||
    (kind === "officer" && (await isSameOfficer(tx, officerId, namedBy))) ||
    (kind === "account" && (await mayBeOfficer(tx, officerId, await managerWho(tx, namedBy, row.organisationId))));
  if (isTheirs) throw new AccessError("same-officer");
}

export interface OfficersOrder {
  readonly organisationId: string;
  readonly officerId: string;
  /** How they made sure who it is; why there is another key: for the audit trail. */
  readonly reason: string;
}

/**
 * A code for the representative, instead of one that was given before, with whatever was begun with that one. The caller has looked at the officer's permission.
 * @returns eight digits, told once
 * @throws AccessError unknown, same-officer; StateError: there is a key, or no certificate yet
 */
export async function giveHandoverCode(
  { store, clock }: ApplicationDesk,
  { organisationId, officerId, reason }: OfficersOrder,
): Promise<string> {
  const code = newCode();
  const handoverHash = await slowHash(code);
  await store.transaction(async (tx) => {
    const now = clock.now();
    const row = await holdRepresentative(tx, organisationId);
    ACCESS_KEY.after(row.state, "collect");
    await requireSomebodyElse(tx, row, officerId);
    await changeRepresentative(tx, row, { handoverHash, handoverExpiresAt: later(now, HANDOVER_MS) });
    await endSessions(tx, organisationId, now); // what was begun with the code before
    const event = { at: now, actor: officerActor(officerId), subject: subjectOf(organisationId), details: { reason } };
    await appendAudit(tx, { ...event, action: "representative.hand-over" });
  });
  return code;
}

/**
 * The key, made now. The session is over, and the representative hears of it: whoever collected it may be somebody else.
 * @returns 20 digits, told once; the store has their hash
 * @throws AccessError session; StateError: it was collected before
 */
export async function collectKey(desk: ApplicationDesk, secret: string): Promise<string> {
  const { store, clock, sealing, publicUrl } = desk;
  const key = newAccessKey();
  const keyHash = await slowHash(key);
  await store.transaction(async (tx) => {
    const now = clock.now();
    const { session, representative } = await holdOpenSession(tx, secret, "collect", now);
    const { organisationId, email: to, name, language } = representative;
    const state = ACCESS_KEY.after(representative.state, "collect");
    await changeRepresentative(tx, representative, { ...NO_KEY, state, keyHash, keyAt: now });
    await changeSession(tx, session, { endedAt: now });
    await queueMail(tx, sealing, "representative-key", representativeKeyMail(language, { to, publicUrl, name }), now);
    await appendAudit(tx, {
      at: now,
      actor: actorOf(organisationId),
      action: "representative.collect",
      subject: subjectOf(organisationId),
    });
  });
  return key;
}

/**
 * The key ends at once, with everything that was begun with it; another one may be collected. The caller has looked at the officer's permission.
 * @throws AccessError unknown; StateError: there was no certificate yet
 */
export function renewKey(desk: ApplicationDesk, { organisationId, officerId, reason }: OfficersOrder): Promise<void> {
  return desk.store.transaction(async (tx) => {
    const now = desk.clock.now();
    const row = await holdRepresentative(tx, organisationId);
    await changeRepresentative(tx, row, { ...NO_KEY, state: ACCESS_KEY.after(row.state, "renew") });
    await endSessions(tx, organisationId, now);
    await mailIdentifier(tx, desk, row, now);
    const event = { at: now, actor: officerActor(officerId), subject: subjectOf(organisationId), details: { reason } };
    await appendAudit(tx, { ...event, action: "representative.renew" });
  });
}

/** Whoever was it is told; their identifier and key are nothing any more. */
async function replace(tx: Database, desk: ApplicationDesk, organisation: string, order: NewRepresentative, acting: Acting): Promise<void> {
  const { actor, now } = acting;
  const before = await holdRepresentative(tx, order.organisationId);
  const { organisationId, language } = order;
  const state = ACCESS_KEY.after(before.state, "replace");
  const identifier = newIdentifier();
  const who = { name: order.name.normalize("NFC").trim(), email: order.email.trim().toLowerCase(), language, identifier, namedBy: actor };
  await changeRepresentative(tx, before, { ...NO_KEY, ...who, state, createdAt: now });
  await endSessions(tx, organisationId, now);
  const facts = { to: before.email, publicUrl: desk.publicUrl, name: before.name, organisation };
  await queueMail(tx, desk.sealing, "representative-replaced", representativeReplacedMail(before.language, facts), now);
  await appendAudit(tx, { at: now, actor, action: "representative.replace", subject: subjectOf(organisationId), details: { identifier } });
}

/**
 * The first representative of an organisation that the office put on record itself, or another one. Their identifier is mailed if somebody of it has a
 * certificate already. The caller has looked at the officer's permission.
 * @throws RegistrationError unknown-organisation
 */
export function appointRepresentative(desk: ApplicationDesk, order: NewRepresentative, acting: Acting): Promise<void> {
  return desk.store.transaction(async (tx) => {
    const { organisationId } = order;
    const { name } = await holdOrganisation(tx, organisationId);
    if ((await representativeOf(tx, organisationId)) === null) await nameRepresentative(tx, order, acting);
    else await replace(tx, desk, name, order, acting);
    if (await hasCertificates(tx, organisationId))
      await offer(tx, desk, await holdRepresentative(tx, organisationId), acting.actor, acting.now);
  });
}

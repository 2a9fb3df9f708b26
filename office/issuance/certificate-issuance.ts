// A certificate for a key on a token: everything is checked before anything is issued, in the order of `issue`.

import { createPublicKey } from "node:crypto";
import { and, eq, ne } from "drizzle-orm";
import type { Attestation } from "../../host-bridge/token/attestation.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import { type AuditEvent, appendAudit } from "../audit/audit-trail.ts";
import { schedule } from "../jobs/jobs.ts";
import type { CertificateState } from "../states/certificate-states.ts";
import { KEY } from "../states/key-states.ts";
import { certificates, issuanceChallenges, issuers, keys, organisations, people, revocations, tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { checkAttestedKey, type KeyEvidence } from "./attested-key.ts";
import type { Membership, Person } from "./certificate-authority.ts";
import { DAY_MS, later } from "./clock.ts";
import { challengeDigest } from "./issuance-challenge.ts";
import type { IssuanceDesk } from "./issuance-desk.ts";
import { IssuanceError } from "./issuance-error.ts";
import { firmwareText, readPolicy } from "./issuance-policy.ts";
import { certifyPerson } from "./person-certificate.ts";
import { isPersonProfile, type PersonProfile } from "./profiles.ts";
import { type ReadRequest, readRequest } from "./proof-of-possession.ts";
import { REVOCATION_REASONS } from "./revocation-reasons.ts";

/** A certificate whose possession nobody proved for so long is revoked. */
export const PROOF_LIMIT_MS = 14 * DAY_MS;
export const EXPIRE_JOB = "certificate.expire";
export const UNPROVED_JOB = "certificate.unproved";
/** A certificate is valid through its last second (RFC 5280 §4.1.2.5). */
const AFTER_LAST_SECOND_MS = 1000;

export interface IssueOrder {
  /** PKCS#10, DER, with the challenge in it, signed by the key. */
  readonly request: Uint8Array;
  /** Null: the requester has none, as of a software key. */
  readonly evidence: KeyEvidence | null;
  /** For the audit trail: «person:ID», «officer:ID». */
  readonly actor: string;
  /** Who asks and with which token, as far as the caller knows: the challenge must be theirs. */
  readonly personId?: string;
  readonly tokenSerial?: string;
  /** What the challenge must be for, when the caller cares. */
  readonly profile?: PersonProfile;
}

/**
 * What else is to happen in the transaction that issues, so that all of it does or nothing. Only `after` appends to the audit trail: whoever holds
 * the trail's end and then waits for an issuer, waits for somebody who waits for the trail's end.
 */
export interface IssuanceSteps {
  /** First of all: locks what comes before the challenge. */
  before(tx: Database): Promise<void>;
  /**
   * The challenge is held and good, the request signed by its key, the token's row not held yet: may make the token the person's. Whether the token
   * itself vouches for the key is looked at next; when it does not, all of this is undone.
   * @returns what is to be audited of it
   */
  takeToken(tx: Database, tokenSerial: string): Promise<readonly AuditEvent[]>;
  /** The certificate is there: now, or (`isNew`) since before. */
  after(tx: Database, issued: IssuedCertificate): Promise<void>;
}

export interface IssuedCertificate {
  readonly id: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** Of the issuing CA, DER. */
  readonly issuer: Uint8Array;
  readonly serialNumber: string;
  readonly profile: PersonProfile;
  readonly notAfter: Date;
  readonly state: CertificateState;
  /** False: the same request came before, and this is what it got. */
  readonly isNew: boolean;
}

type ChallengeRow = typeof issuanceChallenges.$inferSelect;
type TokenRow = typeof tokens.$inferSelect;

/** What the steps have in common. */
interface Work {
  readonly tx: Database;
  readonly desk: IssuanceDesk;
  readonly order: IssueOrder;
  readonly steps: IssuanceSteps | null;
  readonly request: ReadRequest;
  readonly challenge: ChallengeRow;
  readonly profile: PersonProfile;
  readonly now: Date;
}

async function holdChallenge(tx: Database, digest: Uint8Array, { personId, tokenSerial, profile }: IssueOrder): Promise<ChallengeRow> {
  const [row] = await tx.select().from(issuanceChallenges).where(eq(issuanceChallenges.digest, digest)).for("update");
  if (row === undefined) throw new IssuanceError("unknown-challenge");
  if (personId !== undefined && personId !== row.personId) throw new IssuanceError("other-person");
  if (tokenSerial !== undefined && tokenSerial !== row.tokenSerial) throw new IssuanceError("other-token");
  if (profile !== undefined && profile !== row.profile) throw new IssuanceError("other-profile");
  return row;
}

/** The challenge was used: by the same key, whose request came twice, or by another. @throws IssuanceError replayed, … */
async function issuedBefore({ tx, request, challenge, profile }: Work): Promise<IssuedCertificate> {
  const publicKey = await request.prove();
  const [found] = await tx
    .select({ certificate: certificates, publicKey: keys.publicKey, issuer: issuers.certificate })
    .from(certificates)
    .innerJoin(keys, eq(keys.id, certificates.keyId))
    .innerJoin(issuers, eq(issuers.id, certificates.issuerId))
    .where(eq(certificates.challengeDigest, challenge.digest));
  if (found === undefined || !equalBytes(found.publicKey, publicKey)) throw new IssuanceError("replayed");
  const { id, der, serialNumber, notAfter, state } = found.certificate;
  return { id, certificate: der, issuer: found.issuer, serialNumber, profile, notAfter, state, isNew: false };
}

async function holdToken({ tx, challenge }: Work): Promise<TokenRow> {
  const [token] = await tx.select().from(tokens).where(eq(tokens.serial, challenge.tokenSerial)).for("update");
  if (token?.personId !== challenge.personId) throw new IssuanceError("unassigned");
  return token;
}

/** Whether a certificate of it was revoked because somebody else has it (RFC 5280 §5.3.1, keyCompromise). */
async function isCompromised(tx: Database, keyId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: certificates.id })
    .from(revocations)
    .innerJoin(certificates, eq(certificates.id, revocations.certificateId))
    .where(and(eq(certificates.keyId, keyId), eq(revocations.reasonCode, REVOCATION_REASONS["key-compromise"].code)))
    .limit(1);
  return rows.length > 0;
}

/** The key's row, certified. @throws IssuanceError key-of-another, destroyed-key, compromised-key */
async function certifyKey({ tx, order, challenge, now }: Work, told: Attestation, publicKey: Uint8Array): Promise<string> {
  const [row] = await tx.select().from(keys).where(eq(keys.publicKey, publicKey)).for("update");
  if (row === undefined) {
    const { attestation, issuer } = order.evidence ?? { attestation: new Uint8Array(0), issuer: new Uint8Array(0) };
    const fresh = {
      tokenSerial: told.serial,
      slot: told.slot.toString(16),
      publicKey,
      attestation,
      attestationIssuer: issuer,
      state: KEY.after("attested", "certify"),
      createdAt: now,
    };
    const [added] = await tx.insert(keys).values(fresh).returning({ id: keys.id });
    if (added === undefined) throw new Error("a key that was not added");
    return added.id;
  }
  const others = await tx
    .select({ id: certificates.id })
    .from(certificates)
    .where(and(eq(certificates.keyId, row.id), ne(certificates.personId, challenge.personId)))
    .limit(1);
  if (row.tokenSerial !== told.serial || others.length > 0) throw new IssuanceError("key-of-another");
  if (!KEY.allows(row.state, "certify")) throw new IssuanceError("destroyed-key");
  if (await isCompromised(tx, row.id)) throw new IssuanceError("compromised-key");
  await tx
    .update(keys)
    .set({ state: KEY.after(row.state, "certify") })
    .where(eq(keys.id, row.id));
  return row.id;
}

/** As the association confirmed it when the person was approved (S12). A closed one authorises nobody. @throws IssuanceError organisation */
async function membershipOf({ tx }: Work, { associationId, memberNumber }: typeof people.$inferSelect): Promise<Membership | null> {
  if (associationId === null) return null;
  const [association] = await tx.select().from(organisations).where(eq(organisations.id, associationId)).for("share");
  if (association?.state !== "open") throw new IssuanceError("organisation");
  return memberNumber === null ? null : { association: association.name, number: memberNumber };
}

async function personOf(work: Work): Promise<Person> {
  const { tx, challenge } = work;
  const [row] = await tx
    .select({ person: people, organisation: organisations })
    .from(people)
    .innerJoin(organisations, eq(organisations.id, people.organisationId))
    .where(eq(people.id, challenge.personId))
    .for("share", { of: organisations });
  if (row === undefined) throw new Error("a challenge for nobody");
  if (row.organisation.state !== "open") throw new IssuanceError("organisation");
  const { givenName, surname, email, number, title } = row.person;
  const membership = await membershipOf(work, row.person);
  return { givenName, surname, email, number, title, membership, organisation: row.organisation.name, country: row.organisation.country };
}

/**
 * The issuing CA by which certificates are issued now. Whoever waited while another became that finds the former not current any more, and the new
 * one only by asking again (PostgreSQL §13.2.1: a statement sees what was there when it began).
 */
async function holdIssuer(tx: Database): Promise<typeof issuers.$inferSelect> {
  for (const _ of ["first", "again"]) {
    const [issuer] = await tx.select().from(issuers).where(eq(issuers.isCurrent, true)).for("update");
    if (issuer !== undefined) return issuer;
  }
  throw new IssuanceError("no-issuer");
}

async function certify(work: Work, keyId: string, publicKey: Uint8Array): Promise<IssuedCertificate> {
  const { tx, desk, challenge, profile, now } = work;
  const person = await personOf(work);
  const issuer = await holdIssuer(tx);
  const { authority } = desk;
  const { serialNumber, notBefore, notAfter, der } = await certifyPerson({
    profile,
    person,
    publicKey: createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }),
    issuer: { name: issuer.name, certificate: issuer.certificate, key: await authority.key(issuer.name) },
    publicUrl: authority.names.publicUrl,
    now,
  });
  const row = { issuerId: issuer.id, serialNumber, keyId, personId: challenge.personId, profile, notBefore, notAfter, der };
  const [added] = await tx
    .insert(certificates)
    .values({ ...row, state: "issued", issuedAt: now, challengeDigest: challenge.digest })
    .returning({ id: certificates.id });
  if (added === undefined) throw new Error("a certificate that was not added");
  return { id: added.id, certificate: der, issuer: issuer.certificate, serialNumber, profile, notAfter, state: "issued", isNew: true };
}

async function issueNow(work: Work): Promise<IssuedCertificate> {
  const { tx, desk, order, steps, request, challenge, profile, now } = work;
  if (challenge.usedAt !== null) return issuedBefore(work);
  if (now > challenge.expiresAt) throw new IssuanceError("expired-challenge");
  const publicKey = await request.prove();
  const taken = (await steps?.takeToken(tx, challenge.tokenSerial)) ?? [];
  const token = await holdToken(work);
  const policy = await readPolicy(tx);
  const { trust } = desk;
  const told = checkAttestedKey({ evidence: order.evidence, publicKey, profile, token, policy, trust, now });
  const keyId = await certifyKey(work, told, publicKey);
  const issued = await certify(work, keyId, publicKey);
  await tx.update(issuanceChallenges).set({ usedAt: now }).where(eq(issuanceChallenges.digest, challenge.digest));
  await tx
    .update(tokens)
    .set({ firmware: firmwareText(told.firmware) })
    .where(eq(tokens.serial, token.serial));
  await schedule(tx, { kind: UNPROVED_JOB, key: `${UNPROVED_JOB}:${issued.id}`, dueAt: later(now, PROOF_LIMIT_MS) });
  await schedule(tx, { kind: EXPIRE_JOB, key: `${EXPIRE_JOB}:${issued.id}`, dueAt: later(issued.notAfter, AFTER_LAST_SECOND_MS) });
  const details = {
    serialNumber: issued.serialNumber,
    profile,
    person: challenge.personId,
    token: token.serial,
    slot: told.slot.toString(16),
  };
  for (const event of taken) await appendAudit(tx, event);
  await appendAudit(tx, { at: now, actor: order.actor, action: "certificate.issue", subject: `certificate:${issued.id}`, details });
  return issued;
}

/**
 * Refusals of a challenge that is the office's own are on record; guesses are for the edge to count.
 */
async function auditRefusal(
  { store, clock }: IssuanceDesk,
  digest: Uint8Array,
  { actor }: IssueOrder,
  { refusal }: IssuanceError,
): Promise<void> {
  await store.transaction(async (tx) => {
    const [row] = await tx.select().from(issuanceChallenges).where(eq(issuanceChallenges.digest, digest));
    if (row === undefined) return;
    const details = { refusal, profile: row.profile, person: row.personId };
    await appendAudit(tx, { at: clock.now(), actor, action: "certificate.refuse", subject: `token:${row.tokenSerial}`, details });
  });
}

/**
 * Checks, in this order: the challenge is known, of this person, token and profile, not used, not too old; the request is signed by its key; the
 * token is that person's; the attestation (attested-key.ts). Only then a certificate is issued; the same key with the same challenge gets the same
 * certificate again.
 * @throws IssuanceError, CaKeyError
 */
export async function issue(desk: IssuanceDesk, order: IssueOrder, steps: IssuanceSteps | null = null): Promise<IssuedCertificate> {
  const request = readRequest(order.request);
  if (request.challenge === null) throw new IssuanceError("no-challenge");
  const digest = challengeDigest(request.challenge);
  try {
    return await desk.store.transaction(async (tx) => {
      await steps?.before(tx);
      const challenge = await holdChallenge(tx, digest, order);
      const { profile } = challenge;
      if (!isPersonProfile(profile)) throw new Error("a challenge for no profile");
      const issued = await issueNow({ tx, desk, order, steps, request, challenge, profile, now: desk.clock.now() });
      await steps?.after(tx, issued);
      return issued;
    });
  } catch (error) {
    if (error instanceof IssuanceError) await auditRefusal(desk, digest, order, error);
    throw error;
  }
}

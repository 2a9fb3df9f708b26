// How an invited officer brings their token: the code of the invitation, the token's word for the AUTH key that it made (9A), a request with the
// office's challenge, the certificate; from then on that key signs them in. An attestation alone binds nothing: anybody who has seen it can send it
// again. Token, code, certificate and key are one transaction, after the key has signed the office's challenge.

import { and, eq, lte, ne } from "drizzle-orm";
import { equalBytes } from "../../protocol/bytes.ts";
import type { KeyEvidence } from "../issuance/attested-key.ts";
import { type IssuanceSteps, type IssuedCertificate, issue } from "../issuance/certificate-issuance.ts";
import { type IssuanceChallenge, newChallengeIn } from "../issuance/issuance-challenge.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { prove } from "../issuance/proof.ts";
import { readRequest } from "../issuance/proof-of-possession.ts";
import { revokeAllIn } from "../issuance/revocation.ts";
import { enrolOfficer, holdLink, OfficerError, officer, useLink } from "../registration/officers.ts";
import { secretDigest } from "../registration/secret.ts";
import type { CertificateState } from "../states/certificate-states.ts";
import { certificates, keys, officers, oneTimeLinks, tokens } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { requireFree, takeToken, tokenOf } from "./officer-token.ts";

const actorOf = (officerId: string): string => `officer:${officerId}`;

interface Invitee {
  readonly officerId: string;
  readonly personId: string;
}

/** Holds an officer and a code, which is good. @throws OfficerError link-… */
async function holdCode(tx: Database, code: string, now: Date): Promise<Invitee> {
  const officerId = await holdLink(tx, code, "enrol", now);
  const { personId } = await officer(tx, officerId);
  return { officerId, personId };
}

/** Whether a code is good now; it stays so. @throws OfficerError link-… */
export async function checkCode({ store, clock }: IssuanceDesk, code: string): Promise<void> {
  await store.transaction((tx) => holdLink(tx, code, "enrol", clock.now()));
}

/**
 * The first half: a challenge for the officer's AUTH key on this token. Nothing is known of the token from it, nor is it anybody's: whoever has seen
 * an attestation can send it.
 * @throws OfficerError link-…; IssuanceError
 */
export function beginEnrolment(desk: IssuanceDesk, code: string, evidence: KeyEvidence): Promise<IssuanceChallenge> {
  const now = desk.clock.now();
  return desk.store.transaction(async (tx) => {
    const { officerId, personId } = await holdCode(tx, code, now);
    const { serial: tokenSerial } = tokenOf(evidence, desk, now);
    const [known] = await tx.select().from(tokens).where(eq(tokens.serial, tokenSerial));
    if (known !== undefined) await requireFree(tx, known, personId);
    return newChallengeIn(tx, { personId, tokenSerial, profile: "AUTH", actor: actorOf(officerId) }, now);
  });
}

export interface EnrolmentOrder {
  readonly code: string;
  /** PKCS#10, DER, with the challenge in it. */
  readonly request: Uint8Array;
  readonly evidence: KeyEvidence;
}

type CodeOwner = Invitee & { readonly publicKey: Uint8Array | null; readonly seenBy: string | null };

async function whoseCode({ db }: Pick<Store, "db">, code: string): Promise<CodeOwner> {
  const [row] = await db
    .select({ officerId: officers.id, personId: officers.personId, publicKey: officers.publicKey, seenBy: oneTimeLinks.seenBy })
    .from(oneTimeLinks)
    .innerJoin(officers, eq(officers.id, oneTimeLinks.officerId))
    .where(and(eq(oneTimeLinks.digest, secretDigest(code)), eq(oneTimeLinks.purpose, "enrol")));
  if (row === undefined) throw new OfficerError("link-unknown");
  return row;
}

/** The code that was spent for this very key: its answer was lost, and is given again. */
async function isSpentFor(tx: Database, code: string, publicKey: Uint8Array): Promise<boolean> {
  const { publicKey: known } = await whoseCode({ db: tx }, code);
  return known !== null && equalBytes(known, publicKey);
}

/** @returns false: it was spent before, for this very key @throws OfficerError link-… */
async function spendCode(tx: Database, code: string, publicKey: Uint8Array, now: Date): Promise<boolean> {
  try {
    await useLink(tx, code, "enrol", now);
    return true;
  } catch (error) {
    if (error instanceof OfficerError && error.refusal === "link-used" && (await isSpentFor(tx, code, publicKey))) return false;
    throw error;
  }
}

/** All that an enrolment is beside the certificate. */
function enrolmentSteps(desk: IssuanceDesk, { code, evidence }: EnrolmentOrder, who: CodeOwner, publicKey: Uint8Array): IssuanceSteps {
  const now = desk.clock.now();
  const acting = { actor: actorOf(who.officerId), now };
  let isSpent = false;
  return {
    before: async (tx) => {
      isSpent = await spendCode(tx, code, publicKey, now);
    },
    takeToken: (tx, tokenSerial) => {
      const told = tokenOf(evidence, desk, now);
      if (told.serial !== tokenSerial) throw new IssuanceError("other-token");
      return takeToken(tx, told, who.personId, acting);
    },
    after: async (tx, { isNew }) => {
      // A code that was spent gets what it got, and nothing more.
      if (isNew !== isSpent) throw new OfficerError("link-used");
      if (isNew) await enrolOfficer(tx, who.officerId, publicKey, acting, who.seenBy);
    },
  };
}

/**
 * The second half: the token is the officer's, there is a certificate, the code is spent, and the key signs the officer in; all of it, or nothing.
 * The same order again gets the same certificate.
 * @throws OfficerError link-…, key-known; IssuanceError
 */
export async function finishEnrolment(desk: IssuanceDesk, order: EnrolmentOrder): Promise<IssuedCertificate> {
  const { code, request, evidence } = order;
  const who = await whoseCode(desk.store, code);
  const publicKey = await readRequest(request).prove();
  const { officerId, personId } = who;
  const issueOrder = { request, evidence, actor: actorOf(officerId), personId, profile: "AUTH" as const };
  return issue(desk, issueOrder, enrolmentSteps(desk, order, who, publicKey));
}

/** The officer whose key a certificate is for; null: it is nobody's who signs in with it. */
async function signsIn(tx: Database, certificateId: string) {
  const [row] = await tx
    .select({ officerId: officers.id, certificate: certificates })
    .from(certificates)
    .innerJoin(keys, eq(keys.id, certificates.keyId))
    .innerJoin(officers, and(eq(officers.personId, certificates.personId), eq(officers.publicKey, keys.publicKey)))
    .where(eq(certificates.id, certificateId));
  return row ?? null;
}

/** AUTH certificates of the officer's former keys. */
const ofFormerKeys = ({ personId, keyId, issuedAt }: typeof certificates.$inferSelect) =>
  and(
    eq(certificates.personId, personId),
    eq(certificates.profile, "AUTH"),
    ne(certificates.keyId, keyId),
    lte(certificates.issuedAt, issuedAt),
  );

/**
 * The holder has the key of their certificate. Those of the keys by which the officer signed in before are revoked with that, as replaced.
 * @throws UnknownCertificateError, ProofError, StateError
 */
export function proveEnrolment(desk: IssuanceDesk, certificateId: string, signature: Uint8Array): Promise<CertificateState> {
  const actor = `certificate:${certificateId}`;
  return prove(desk, { certificateId, signature, actor }, async (tx, _id, now) => {
    const found = await signsIn(tx, certificateId);
    if (found === null) return;
    const order = { reason: "certificate-replaced", channel: "officer", officerId: found.officerId, actor } as const;
    await revokeAllIn(tx, desk.authority, ofFormerKeys(found.certificate), order, now);
  });
}

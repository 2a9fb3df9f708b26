// How an invited officer brings their token: the code of the invitation, the token's word for the AUTH key that it made (9A), a request with the
// office's challenge, the certificate; from then on that key signs them in. The code is spent in the transaction that issues the certificate.

import { and, eq } from "drizzle-orm";
import { verifyAttestation } from "../../host-bridge/token/attestation.ts";
import { AttestationError, verifyAttestationKey } from "../../host-bridge/token/attestation-key.ts";
import { equalBytes } from "../../protocol/bytes.ts";
import { fingerprintOfRoot, type KeyEvidence } from "../issuance/attested-key.ts";
import { type IssuedCertificate, issue } from "../issuance/certificate-issuance.ts";
import { type IssuanceChallenge, issueChallengeIn } from "../issuance/issuance-challenge.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { firmwareText } from "../issuance/issuance-policy.ts";
import { readRequest } from "../issuance/proof-of-possession.ts";
import { enrolOfficer, OfficerError, officer, useLink } from "../registration/officers.ts";
import { secretDigest } from "../registration/secret.ts";
import { addToken, changeToken } from "../registration/tokens.ts";
import type { TokenState } from "../states/token-states.ts";
import { officers, oneTimeLinks, organisations, people, tokens } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";

const actorOf = (officerId: string): string => `officer:${officerId}`;

/** Whose code it is, while it is good; it stays so. @throws OfficerError link-… */
async function invitedBy(tx: Database, code: string, now: Date): Promise<string> {
  const which = and(eq(oneTimeLinks.digest, secretDigest(code)), eq(oneTimeLinks.purpose, "enrol"));
  const [link] = await tx.select().from(oneTimeLinks).where(which).for("update");
  if (link === undefined) throw new OfficerError("link-unknown");
  if (link.usedAt !== null) throw new OfficerError("link-used");
  if (link.expiresAt <= now) throw new OfficerError("link-expired");
  return link.officerId;
}

interface TrustedToken {
  readonly serial: string;
  readonly model: string;
  readonly firmware: string;
  readonly rootFingerprint: string;
}

/** What token an attestation comes from. Which key it is for, the issuance looks at. @throws IssuanceError */
function tokenOf({ attestation, issuer }: KeyEvidence, { trust }: IssuanceDesk, at: Date): TrustedToken {
  try {
    const roots = { roots: trust.roots, at };
    const told = verifyAttestation(attestation, issuer, roots);
    if (told.isSimulated && !trust.isDemo) throw new IssuanceError("simulated");
    const { model, root } = verifyAttestationKey(issuer, roots);
    return { serial: told.serial, model, firmware: firmwareText(told.firmware), rootFingerprint: fingerprintOfRoot(root) };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const isUnknown = ["untrusted", "not-a-ca", "simulator-root"].includes(error.problem);
    throw new IssuanceError(isUnknown ? "untrusted-root" : "bad-attestation", { cause: error });
  }
}

/** The token becomes this officer's, when it is nobody's yet. @throws IssuanceError unassigned: it is somebody else's */
async function takeToken(tx: Database, officerId: string, personId: string, told: TrustedToken, now: Date): Promise<void> {
  const acting = { actor: actorOf(officerId), now };
  const [home] = await tx
    .select({ officeId: organisations.officeId })
    .from(people)
    .innerJoin(organisations, eq(organisations.id, people.organisationId))
    .where(eq(people.id, personId));
  if (home === undefined) throw new OfficerError("unknown");
  await addToken(tx, { ...told, officeId: home.officeId }, acting);
  const [row] = await tx.select().from(tokens).where(eq(tokens.serial, told.serial)).for("update");
  if (row === undefined) throw new Error("a token that was not added");
  let state: TokenState = row.state;
  if (state === "blank") state = await changeToken(tx, told.serial, "format", acting);
  if (state === "formatted") await changeToken(tx, told.serial, "assign", acting, personId);
  else if (row.personId !== personId) throw new IssuanceError("unassigned");
}

/** Whether a code is good now; it stays so. @throws OfficerError link-… */
export async function checkCode({ store, clock }: IssuanceDesk, code: string): Promise<void> {
  await store.transaction((tx) => invitedBy(tx, code, clock.now()));
}

/**
 * The first half: the token is known from now on, and the officer's.
 * @throws OfficerError link-…; IssuanceError
 */
export function beginEnrolment(desk: IssuanceDesk, code: string, evidence: KeyEvidence): Promise<IssuanceChallenge> {
  const now = desk.clock.now();
  return desk.store.transaction(async (tx) => {
    const officerId = await invitedBy(tx, code, now);
    const { personId, state } = await officer(tx, officerId);
    if (state !== "invited") throw new OfficerError("link-used");
    const told = tokenOf(evidence, desk, now);
    await takeToken(tx, officerId, personId, told, now);
    return issueChallengeIn(tx, { personId, tokenSerial: told.serial, profile: "AUTH", actor: actorOf(officerId) }, now);
  });
}

export interface EnrolmentOrder {
  readonly code: string;
  /** PKCS#10, DER, with the challenge in it. */
  readonly request: Uint8Array;
  readonly evidence: KeyEvidence;
}

/**
 * Spends the code, and holds its officer. A code that was spent for this very key is taken again: its answer was lost.
 * @returns null: in that case
 */
async function spendCode(tx: Database, code: string, publicKey: Uint8Array, now: Date): Promise<string | null> {
  try {
    const officerId = await useLink(tx, code, "enrol", now);
    await tx.select().from(officers).where(eq(officers.id, officerId)).for("update");
    return officerId;
  } catch (error) {
    if (error instanceof OfficerError && error.refusal === "link-used" && (await isKeyOfCode(tx, code, publicKey))) return null;
    throw error;
  }
}

async function isKeyOfCode(tx: Database, code: string, publicKey: Uint8Array): Promise<boolean> {
  const [row] = await tx
    .select({ publicKey: officers.publicKey })
    .from(oneTimeLinks)
    .innerJoin(officers, eq(officers.id, oneTimeLinks.officerId))
    .where(and(eq(oneTimeLinks.digest, secretDigest(code)), eq(oneTimeLinks.purpose, "enrol")));
  return row?.publicKey != null && equalBytes(row.publicKey, publicKey);
}

/**
 * The store with more around its first transaction's own work; what comes later is as ever. Nothing is audited before that work: whoever holds the
 * trail's end and then waits for an issuer, waits for somebody who waits for the trail's end.
 */
function aroundFirst<B>(store: Store, before: (tx: Database) => Promise<B>, after: (tx: Database, before: B) => Promise<void>): Store {
  let isFirst = true;
  return {
    ...store,
    transaction: (work) => {
      if (!isFirst) return store.transaction(work);
      isFirst = false;
      return store.transaction(async (tx) => {
        const found = await before(tx);
        const result = await work(tx);
        await after(tx, found);
        return result;
      });
    },
  };
}

async function whoseCode({ db }: Store, code: string): Promise<{ officerId: string; personId: string }> {
  const [row] = await db
    .select({ officerId: officers.id, personId: officers.personId })
    .from(oneTimeLinks)
    .innerJoin(officers, eq(officers.id, oneTimeLinks.officerId))
    .where(and(eq(oneTimeLinks.digest, secretDigest(code)), eq(oneTimeLinks.purpose, "enrol")));
  if (row === undefined) throw new OfficerError("link-unknown");
  return row;
}

/**
 * The second half: certificate, spent code and the officer's key are one. The same order again gets the same certificate.
 * @throws OfficerError link-…, key-known; IssuanceError
 */
export async function finishEnrolment(desk: IssuanceDesk, { code, request, evidence }: EnrolmentOrder): Promise<IssuedCertificate> {
  const { officerId, personId } = await whoseCode(desk.store, code);
  const publicKey = await readRequest(request).prove();
  const now = desk.clock.now();
  const store = aroundFirst(
    desk.store,
    (tx) => spendCode(tx, code, publicKey, now),
    async (tx, spentBy) => {
      if (spentBy !== null) await enrolOfficer(tx, spentBy, publicKey, { actor: actorOf(spentBy), now });
    },
  );
  return issue({ ...desk, store }, { request, evidence, actor: actorOf(officerId), personId });
}

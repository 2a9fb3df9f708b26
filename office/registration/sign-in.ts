// Signing in with the token: the officer's program asks for a challenge, has the AUTH key (9A) sign it, and is given a link that opens the
// office in a browser, once. It begins at the officer's own program, so that nobody can send an officer somebody else's challenge to sign.

import { createPublicKey, verify } from "node:crypto";
import { and, eq, gt, isNull } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { officerSessions, officers, signInChallenges } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { isKeyInService } from "./officer-key.ts";
import { keepOfficer, newSignInLink, type Officer, OfficerError, officer, useLink } from "./officers.ts";
import { newSecret, secretDigest } from "./secret.ts";
import { tellRefusedKey, tellRefusedSignIn } from "./sign-in-refusals.ts";

const CHALLENGE_MS = 120_000;
const LINK_MS = 60_000;
/** A session ends after a working day, and after half an hour without a click. */
const SESSION_MS = 10 * 3_600_000;
export const IDLE_MS = 30 * 60_000;
const MESSAGE_PREFIX = "Sceau office sign-in 1\n";

/** `key-out-of-service`: its certificate is revoked or over, or its token is not in service. */
export type SignInRefusal =
  | "challenge-unknown"
  | "challenge-used"
  | "challenge-expired"
  | "key-unknown"
  | "key-out-of-service"
  | "not-active"
  | "signature";

export class SignInError extends Error {
  override readonly name = "SignInError";
  readonly refusal: SignInRefusal;
  constructor(refusal: SignInRefusal) {
    super(`sign-in refused: ${refusal}`);
    this.refusal = refusal;
  }
}

/** What the AUTH key signs (ECDSA with SHA-256): the office's own address is in it, so that no other site can pass a challenge on. */
export function signInMessage(publicUrl: string, challenge: string): Uint8Array {
  return new TextEncoder().encode(`${MESSAGE_PREFIX}${publicUrl}\n${challenge}\n`);
}

export async function newChallenge(store: Store, now: Date): Promise<string> {
  const { text, digest } = newSecret();
  await store.db.insert(signInChallenges).values({ digest, expiresAt: new Date(now.getTime() + CHALLENGE_MS) });
  return text;
}

/** In a transaction of its own: it counts as used, whatever its answer is worth. */
async function spendChallenge(store: Store, challenge: string, now: Date): Promise<void> {
  const which = eq(signInChallenges.digest, secretDigest(challenge));
  await store.transaction(async (tx) => {
    const [row] = await tx.select().from(signInChallenges).where(which).for("update");
    if (row === undefined) throw new SignInError("challenge-unknown");
    if (row.usedAt !== null) throw new SignInError("challenge-used");
    if (row.expiresAt <= now) throw new SignInError("challenge-expired");
    await tx.update(signInChallenges).set({ usedAt: now }).where(which);
  });
}

export interface SignInAnswer {
  readonly challenge: string;
  /** SubjectPublicKeyInfo of the AUTH key, DER. */
  readonly publicKey: Uint8Array;
  /** Ecdsa-Sig-Value, DER, over signInMessage. */
  readonly signature: Uint8Array;
}

function isSigned(publicUrl: string, { challenge, publicKey, signature }: SignInAnswer): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
  return verify("sha256", signInMessage(publicUrl, challenge), key, signature);
}

type OfficerRow = typeof officers.$inferSelect;

/** What is against an officer whose key has signed; null: nothing. */
async function refusalOf(db: Database, { state, publicKey }: OfficerRow, now: Date): Promise<SignInRefusal | null> {
  if (state !== "active") return "not-active";
  return publicKey !== null && (await isKeyInService(db, publicKey, now)) ? null : "key-out-of-service";
}

/**
 * An officer's refused answer is in the audit trail.
 * @param from the network it comes from; null: not known
 * @returns the secret of a link that opens a session, once, within a minute
 * @throws SignInError
 */
export async function answerChallenge(
  store: Store,
  publicUrl: string,
  answer: SignInAnswer,
  now: Date,
  from: string | null = null,
): Promise<string> {
  await spendChallenge(store, answer.challenge, now);
  const [row] = await store.db.select().from(officers).where(eq(officers.publicKey, answer.publicKey));
  if (row === undefined) throw new SignInError("key-unknown");
  // The key is one that the office has enrolled: nothing is parsed that a stranger chose.
  const isProved = isSigned(publicUrl, answer);
  const reason = isProved ? await refusalOf(store.db, row, now) : "signature";
  if (reason !== null) {
    await tellRefusedSignIn(store, row.id, { reason, how: "challenge", isProved, from }, now);
    throw new SignInError(reason);
  }
  return store.transaction(async (tx) => {
    // Whoever gives the officer another key ends the links of this one: none may come after.
    const [held] = await tx.select({ id: officers.id }).from(officers).where(eq(officers.publicKey, answer.publicKey)).for("share");
    if (held?.id !== row.id) throw new SignInError("key-unknown");
    return newSignInLink(tx, row.id, new Date(now.getTime() + LINK_MS));
  });
}

export interface OpenSession {
  /** For the cookie. */
  readonly secret: string;
  readonly officer: Officer;
}

async function openSession(tx: Database, officerId: string, now: Date, how: string): Promise<OpenSession> {
  const who = await officer(tx, officerId);
  if (who.state !== "active") throw new SignInError("not-active");
  const { text, digest } = newSecret();
  await tx
    .insert(officerSessions)
    .values({ digest, officerId, createdAt: now, lastUsedAt: now, expiresAt: new Date(now.getTime() + SESSION_MS) });
  await appendAudit(tx, {
    at: now,
    actor: `officer:${officerId}`,
    action: "officer.sign-in",
    subject: `officer:${officerId}`,
    details: { how },
  });
  return { secret: text, officer: who };
}

/** @param from the network it comes from @throws OfficerError link-…; SignInError not-active, of an officer who was withdrawn within the minute */
export async function redeemLink(store: Store, link: string, now: Date, from: string | null = null): Promise<OpenSession> {
  let officerId: string | null = null;
  try {
    return await store.transaction(async (tx) => {
      officerId = await useLink(tx, link, "sign-in", now);
      return openSession(tx, officerId, now, "challenge");
    });
  } catch (error) {
    if (officerId !== null && error instanceof SignInError) {
      await tellRefusedSignIn(store, officerId, { reason: error.refusal, how: "link", isProved: true, from }, now);
    }
    throw error;
  }
}

/**
 * A TLS client certificate that the connection has proved: its key is the officer's. A refused one is in the audit trail.
 * @param from the network it comes from
 * @throws SignInError
 */
export async function signInByTls(store: Store, publicKey: Uint8Array, now: Date, from: string | null = null): Promise<OpenSession> {
  try {
    return await store.transaction(async (tx) => {
      // Held, so that no session of a former key comes after it.
      const [row] = await tx.select().from(officers).where(eq(officers.publicKey, publicKey)).for("share");
      if (row === undefined) throw new SignInError("key-unknown");
      const reason = await refusalOf(tx, row, now);
      if (reason !== null) throw new SignInError(reason);
      return openSession(tx, row.id, now, "tls");
    });
  } catch (error) {
    if (error instanceof SignInError) {
      await tellRefusedKey(store, publicKey, { reason: error.refusal, how: "tls", isProved: true, from }, now);
    }
    throw error;
  }
}

/** Whose session a cookie opens; null: none (any more). Using it keeps it open. */
export async function sessionOfficer(store: Store, secret: string, now: Date): Promise<Officer | null> {
  const idleSince = new Date(now.getTime() - IDLE_MS);
  const [row] = await store.db
    .update(officerSessions)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(officerSessions.digest, secretDigest(secret)),
        isNull(officerSessions.revokedAt),
        gt(officerSessions.expiresAt, now),
        gt(officerSessions.lastUsedAt, idleSince),
      ),
    )
    .returning({ officerId: officerSessions.officerId });
  if (row === undefined) return null;
  try {
    const who = await officer(store.db, row.officerId);
    const isHere = who.state === "active" && who.publicKey !== null && (await isKeyInService(store.db, who.publicKey, now));
    return isHere ? who : null;
  } catch (error) {
    if (error instanceof OfficerError) return null;
    throw error;
  }
}

/** A session that is over stays as it ended. */
export function signOut(store: Store, secret: string, now: Date): Promise<void> {
  return store.transaction(async (tx) => {
    const which = and(eq(officerSessions.digest, secretDigest(secret)), isNull(officerSessions.revokedAt));
    const [open] = await tx.select({ officerId: officerSessions.officerId }).from(officerSessions).where(which);
    if (open === undefined) return;
    await keepOfficer(tx, open.officerId);
    const [row] = await tx.update(officerSessions).set({ revokedAt: now }).where(which).returning({ officerId: officerSessions.officerId });
    if (row === undefined) return;
    const subject = `officer:${row.officerId}`;
    await appendAudit(tx, { at: now, actor: subject, action: "officer.sign-out", subject });
  });
}

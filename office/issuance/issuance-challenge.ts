// The office's single-use challenges: whoever is to make a request for a certificate puts one into it (attribute challengePassword). One is for one
// person, one token and one profile. The store has only its digest.

import { createHash, randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { issuanceChallenges, tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { isInService } from "./attested-key.ts";
import { HOUR_MS, later } from "./clock.ts";
import type { IssuanceDesk } from "./issuance-desk.ts";
import { IssuanceError } from "./issuance-error.ts";
import type { PersonProfile } from "./profiles.ts";

export const CHALLENGE_LIFE_MS = HOUR_MS;
const CHALLENGE_BYTES = 32;

export interface ChallengeOrder {
  readonly personId: string;
  readonly tokenSerial: string;
  readonly profile: PersonProfile;
  /** For the audit trail. */
  readonly actor: string;
  /** CHALLENGE_LIFE_MS when it is not said. */
  readonly lifeMs?: number;
}

export interface IssuanceChallenge {
  /** 32 random bytes, base64url: 43 characters. */
  readonly challenge: string;
  readonly expiresAt: Date;
}

export const challengeDigest = (challenge: string): Uint8Array => new Uint8Array(createHash("sha256").update(challenge).digest());

/** In a transaction of the caller's. @throws IssuanceError unassigned, withdrawn-device */
export async function issueChallengeIn(tx: Database, order: ChallengeOrder, now: Date): Promise<IssuanceChallenge> {
  const { personId, tokenSerial } = order;
  const [token] = await tx.select().from(tokens).where(eq(tokens.serial, tokenSerial)).for("update");
  if (token?.personId !== personId) throw new IssuanceError("unassigned");
  if (!isInService(token.state)) throw new IssuanceError("withdrawn-device");
  return newChallengeIn(tx, order, now);
}

/** The same for a token that may become the person's with the certificate (IssuanceSteps.takeToken), and is perhaps not on record before. */
export async function newChallengeIn(tx: Database, order: ChallengeOrder, now: Date): Promise<IssuanceChallenge> {
  const { personId, tokenSerial, profile, actor, lifeMs = CHALLENGE_LIFE_MS } = order;
  const challenge = randomBytes(CHALLENGE_BYTES).toString("base64url");
  const expiresAt = later(now, lifeMs);
  await tx.insert(issuanceChallenges).values({ digest: challengeDigest(challenge), personId, tokenSerial, profile, expiresAt });
  const details = { profile, person: personId };
  await appendAudit(tx, { at: now, actor, action: "challenge.issue", subject: `token:${tokenSerial}`, details });
  return { challenge, expiresAt };
}

/** The same in a transaction of its own. */
export function issueChallenge({ store, clock }: IssuanceDesk, order: ChallengeOrder): Promise<IssuanceChallenge> {
  return store.transaction((tx) => issueChallengeIn(tx, order, clock.now()));
}

// What an officer decides about a token: suspended or blocked and back, nobody's again, or its end. What ends takes its certificates with it, in one
// transaction: token, certificates, list and audit trail, locked in this order.

import { and, eq, gte, inArray } from "drizzle-orm";
import type { Clock } from "../issuance/clock.ts";
import type { Revocation, RevocationOrder } from "../issuance/revocation.ts";
import type { RevocationReason } from "../issuance/revocation-reasons.ts";
import { changeToken, holdToken } from "../registration/tokens.ts";
import { TOKEN, type TokenEvent, type TokenState } from "../states/token-states.ts";
import { certificates, keys } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { isDecided } from "./decided-before.ts";

/** The other changes come with a token in somebody's hand: it is prepared, given to a person, and proved. */
export type TokenDecision = Exclude<TokenEvent, "format" | "assign" | "activate">;

/**
 * The reasons of S42 that fit, for those decisions that revoke what the token's keys have. A lost token may be in anybody's hands, with its PIN: that
 * counts as a compromised key. Of a single one there is nothing to choose.
 */
const REASONS: Readonly<Record<TokenDecision, readonly RevocationReason[]>> = {
  suspend: [],
  resume: [],
  block: [],
  unblock: [],
  release: ["holder-request", "holder-left", "holder-update", "wrong-name"],
  lose: ["key-compromise"],
  damage: ["certificate-replaced", "holder-request"],
  retire: ["holder-left", "holder-request", "certificate-replaced", "keys-overwritten", "password-lost", "non-payment"],
};

export const isTokenDecision = (event: string): event is TokenDecision => Object.hasOwn(REASONS, event);

/** What may be decided about a token in this state. */
export const decisionsFrom = (state: TokenState): TokenDecision[] => Object.keys(TOKEN.table[state]).filter(isTokenDecision);

/** Nothing leads out of the state to which it leads. */
export const isFinal = (state: TokenState, decision: TokenDecision): boolean =>
  Object.keys(TOKEN.table[TOKEN.after(state, decision)]).length === 0;

/** Why the certificates would be revoked: none when the decision revokes nothing. */
export const reasonsFor = (decision: TokenDecision): readonly RevocationReason[] => REASONS[decision];

/** Issuance's part. It takes whatever is valid of a token's keys, and publishes the list; the caller holds the token's row. */
export interface TokenRevoking {
  revokeToken(tx: Database, tokenSerial: string, order: RevocationOrder, now: Date): Promise<readonly Revocation[]>;
}

export interface DecisionDesk {
  readonly store: Store;
  readonly clock: Clock;
  readonly revoking: TokenRevoking;
}

export interface TokenOrder {
  readonly decision: TokenDecision;
  /** Of `reasonsFor`; null: there is nothing to choose, or nothing to revoke. */
  readonly reason: RevocationReason | null;
  /** null: no officer did. */
  readonly officerId: string | null;
  /** For the audit trail: «officer:ID». */
  readonly actor: string;
}

export interface TokenOutcome {
  readonly state: TokenState;
  readonly revoked: readonly Revocation[];
  /** False: somebody decided the same before, and nothing has changed. */
  readonly isNew: boolean;
}

/** There are certificates to revoke, and no reason that fits was given: a certificate was issued meanwhile. */
export class ReasonNeededError extends Error {
  override readonly name = "ReasonNeededError";
}

async function hasValidCertificates(tx: Database, tokenSerial: string, now: Date): Promise<boolean> {
  const isValid = and(inArray(certificates.state, ["issued", "active"]), gte(certificates.notAfter, now));
  const rows = await tx
    .select({ id: certificates.id })
    .from(certificates)
    .innerJoin(keys, eq(keys.id, certificates.keyId))
    .where(and(eq(keys.tokenSerial, tokenSerial), isValid))
    .limit(1);
  return rows.length > 0;
}

/**
 * The token's end is in the list and in what OCSP says when this returns. Its keys stay as they are: only a receipt tells that one was destroyed.
 * @throws UnknownTokenError, StateError, ReasonNeededError, CaKeyError
 */
export function decideToken({ store, clock, revoking }: DecisionDesk, serial: string, order: TokenOrder): Promise<TokenOutcome> {
  const { decision, officerId, actor } = order;
  return store.transaction(async (tx) => {
    const { state } = await holdToken(tx, serial);
    if (isDecided(TOKEN, state, decision)) return { state, revoked: [], isNew: false };
    TOKEN.after(state, decision); // before anything is revoked
    const now = clock.now();
    const reasons = REASONS[decision];
    let revoked: readonly Revocation[] = [];
    if (reasons.length > 0 && (await hasValidCertificates(tx, serial, now))) {
      const reason = reasons.length === 1 ? reasons[0] : reasons.find((fitting) => fitting === order.reason);
      if (reason === undefined) throw new ReasonNeededError(decision);
      revoked = await revoking.revokeToken(tx, serial, { reason, channel: "officer", officerId, actor }, now);
    }
    return { state: await changeToken(tx, serial, decision, { actor, now }), revoked, isNew: true };
  });
}

// A key that its token has erased: the token's receipt is verified, the key's certificates are revoked, and the key is destroyed, in one transaction.
// Nothing else ends a key: that a token is lost or damaged says nothing of what is still in it.

import { createHash } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { parseReceipt } from "../../host-bridge/token/destruction-receipt.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import type { Destruction } from "../../host-bridge/token/statement.ts";
import { StatementFileError } from "../../host-bridge/token/statement-file.ts";
import { verifyReceipt } from "../../host-bridge/token/verify-receipt.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import type { Clock } from "../issuance/clock.ts";
import type { AttestationRoots } from "../issuance/issuance-desk.ts";
import type { Revocation, RevocationOrder } from "../issuance/revocation.ts";
import { holdToken } from "../registration/tokens.ts";
import { KEY } from "../states/key-states.ts";
import { keys } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { isDecided } from "./decided-before.ts";

/**
 * `unreadable`: no receipt, or one of a later version. `unproved`: no token that the office trusts has signed it. `other-token`: another one has.
 * `unknown-key`: the office never knew the key that was erased.
 */
export type ReceiptRefusal = "unreadable" | "unproved" | "other-token" | "unknown-key";

export class ReceiptError extends Error {
  override readonly name = "ReceiptError";
  readonly refusal: ReceiptRefusal;
  constructor(refusal: ReceiptRefusal, options?: ErrorOptions) {
    super(`receipt refused: ${refusal}`, options);
    this.refusal = refusal;
  }
}

/** Issuance's part: whom to believe about tokens, and the revocation of what a key has; the caller holds the token's row and the key's. */
export interface KeyRevoking {
  readonly trust: AttestationRoots;
  revokeKey(tx: Database, keyId: string, order: RevocationOrder, now: Date): Promise<readonly Revocation[]>;
}

export interface DestructionDesk {
  readonly store: Store;
  readonly clock: Clock;
  readonly revoking: KeyRevoking;
}

export interface DestructionOrder {
  readonly tokenSerial: string;
  /** The file that `sceau token retire` wrote. */
  readonly receipt: Uint8Array;
  /** null: no officer did. */
  readonly officerId: string | null;
  /** For the audit trail: «officer:ID». */
  readonly actor: string;
}

export interface DestructionOutcome {
  readonly keyId: string;
  readonly revoked: readonly Revocation[];
  /** False: the receipt came before, and nothing has changed. */
  readonly isNew: boolean;
}

function read(receipt: Uint8Array): ReturnType<typeof parseReceipt> {
  try {
    return parseReceipt(receipt);
  } catch (cause) {
    if (cause instanceof StatementFileError) throw new ReceiptError("unreadable", { cause });
    throw cause;
  }
}

/** @throws ReceiptError */
function destructionIn(receipt: Uint8Array, tokenSerial: string, { roots, isDemo }: AttestationRoots, at: Date): Destruction {
  const { destruction, problems } = verifyReceipt(read(receipt), { roots, at });
  if (destruction === null) throw new ReceiptError("unreadable");
  if (problems.length > 0 || (destruction.isSimulated && !isDemo)) throw new ReceiptError("unproved");
  if (destruction.serial !== tokenSerial) throw new ReceiptError("other-token");
  return destruction;
}

/** @throws ReceiptError, UnknownTokenError, CaKeyError */
export async function destroyKey({ store, clock, revoking }: DestructionDesk, order: DestructionOrder): Promise<DestructionOutcome> {
  const { tokenSerial, receipt, officerId, actor } = order;
  const now = clock.now();
  const { publicKey, counter } = destructionIn(receipt, tokenSerial, revoking.trust, now);
  return store.transaction(async (tx) => {
    await holdToken(tx, tokenSerial);
    const which = and(eq(keys.tokenSerial, tokenSerial), eq(keys.publicKey, subjectPublicKeyInfo(publicKey)));
    const [key] = await tx.select().from(keys).where(which).for("update");
    if (key === undefined) throw new ReceiptError("unknown-key");
    if (isDecided(KEY, key.state, "destroy")) return { keyId: key.id, revoked: [], isNew: false };
    const state = KEY.after(key.state, "destroy");
    const revoked = await revoking.revokeKey(tx, key.id, { reason: "keys-overwritten", channel: "officer", officerId, actor }, now);
    await tx.update(keys).set({ state }).where(eq(keys.id, key.id));
    const receiptSha256 = createHash("sha256").update(receipt).digest("hex");
    const details = { token: tokenSerial, slot: key.slot, counter, receiptSha256 };
    await appendAudit(tx, { at: now, actor, action: "key.destroy", subject: `key:${key.id}`, details });
    return { keyId: key.id, revoked, isNew: true };
  });
}

// Refused sign-ins of officers, in the audit trail. Nobody has signed in yet, so whoever has an officer's public key (it is in the certificate) could
// fill the trail: the tries are limited by address and key (pages/sign-in/sign-in-limits.ts), a challenge is good for one, and of what is left only so many
// an hour are told of each officer, whatever the addresses; as many again that the key has signed. Keys that no officer has are not told at all.

import { eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { officers } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { countTry } from "./limits.ts";

const TOLD_AN_HOUR = 10;
const WINDOW_MS = 3_600_000;

export interface RefusedSignIn {
  /** A word of SignInRefusal; `limit`: too many tries; `certificate`: it is over, or of another authority. */
  readonly reason: string;
  /** `challenge`: signed by the officer's program; `link`: opened in a browser; `tls`: a client certificate. */
  readonly how: "challenge" | "link" | "tls";
  /** Whether the officer's key has signed: then it was whoever has the token. */
  readonly isProved: boolean;
  /** The network it came from; null: not known. */
  readonly from: string | null;
}

/** In a transaction of its own: what was refused leaves nothing else. The last that is told says that there may be more. */
export async function tellRefusedSignIn(store: Store, officerId: string, refused: RefusedSignIn, now: Date): Promise<void> {
  const { reason, how, isProved, from } = refused;
  const subject = `officer:${officerId}`;
  // Counted apart: whoever has only the public key must not use up what would tell of the token in a thief's hands.
  const which = isProved ? "refused sign-ins by the key" : "refused sign-ins";
  const { count } = await countTry(store, { subject: `${which} told of ${subject}`, windowMs: WINDOW_MS }, now);
  if (count > TOLD_AN_HOUR) return;
  const details = {
    reason,
    how,
    ...(from !== null && { from }),
    ...(count === TOLD_AN_HOUR && { andMore: "not told until the hour is over" }),
  };
  const actor = isProved ? subject : "unknown";
  await store.transaction((tx) => appendAudit(tx, { at: now, actor, action: "officer.sign-in-refused", subject, details }));
}

async function officerOf(db: Database, publicKey: Uint8Array): Promise<string | null> {
  const [row] = await db.select({ id: officers.id }).from(officers).where(eq(officers.publicKey, publicKey));
  return row?.id ?? null;
}

/** The same by key; one that no officer has is nobody's. @param publicKey whatever was sent as one */
export async function tellRefusedKey(store: Store, publicKey: Uint8Array, refused: RefusedSignIn, now: Date): Promise<void> {
  const officerId = await officerOf(store.db, publicKey);
  if (officerId !== null) await tellRefusedSignIn(store, officerId, refused, now);
}

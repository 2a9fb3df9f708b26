// Tokens as the office has them on record: whose they are, and what was decided about them.

import { eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { TOKEN, type TokenEvent, type TokenState } from "../states/token-states.ts";
import { tokens } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { Acting } from "./officers.ts";

export class UnknownTokenError extends Error {
  override readonly name = "UnknownTokenError";
}

export interface NewToken {
  readonly serial: string;
  readonly officeId: string;
  readonly model: string;
  readonly firmware: string;
  /** SHA-256 of the root's certificate, hexadecimal: which factory vouches for it. */
  readonly rootFingerprint: string;
}

/** A token whose attestation was verified. One that is on record already is left as it is. @returns whether it is new */
export async function addToken(tx: Database, token: NewToken, { actor, now }: Acting): Promise<boolean> {
  const rows = await tx
    .insert(tokens)
    .values({ ...token, state: "blank", createdAt: now })
    .onConflictDoNothing()
    .returning({ serial: tokens.serial });
  if (rows.length === 0) return false;
  const details = { model: token.model, firmware: token.firmware };
  await appendAudit(tx, { at: now, actor, action: "token.add", subject: `token:${token.serial}`, details });
  return true;
}

/** Until the transaction ends nobody else changes it, and no key on it is certified. @throws UnknownTokenError */
export async function holdToken(tx: Database, serial: string): Promise<typeof tokens.$inferSelect> {
  const [row] = await tx.select().from(tokens).where(eq(tokens.serial, serial)).for("update");
  if (row === undefined) throw new UnknownTokenError(serial);
  return row;
}

/**
 * `release` makes it nobody's; `assign` needs `personId`. What follows for its certificates is the caller's (decisions/token-decision.ts), and
 * comes first, with the token's row held: this appends to the audit trail, and whoever holds its end must not wait for an issuer.
 * @throws UnknownTokenError, StateError
 */
export async function changeToken(
  tx: Database,
  serial: string,
  event: TokenEvent,
  { actor, now }: Acting,
  personId: string | null = null,
): Promise<TokenState> {
  const row = await holdToken(tx, serial);
  const state = TOKEN.after(row.state, event);
  const holder = event === "assign" ? personId : event === "release" ? null : row.personId;
  await tx.update(tokens).set({ state, personId: holder }).where(eq(tokens.serial, serial));
  await appendAudit(tx, { at: now, actor, action: `token.${event}`, subject: `token:${serial}` });
  return state;
}

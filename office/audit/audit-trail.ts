// The audit trail: who did what to whom, append-only. Event n's hash is SHA-256(hash of event n−1 ‖ its canonical text); the hash before
// event 1 is 32 zeros. Signed heads (audit-heads.ts) make it impossible to write the whole trail anew.

import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Database } from "../store/store.ts";

export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditEvent {
  readonly at: Date;
  /** «officer:ID», «person:ID», «clock», «system»; «unknown»: nobody proved who it was. */
  readonly actor: string;
  readonly action: string;
  /** «certificate:ID». */
  readonly subject: string;
  /** Names and states; never a secret, never a whole document. */
  readonly details?: AuditDetails;
}

export interface AuditHead {
  readonly number: number;
  readonly hash: Uint8Array;
}

/** The hash before the first event. */
export const FIRST_HASH: Uint8Array = new Uint8Array(32);

/** What is hashed behind «[NUMBER»: JSON with its keys in order, so that the database may keep it in a form of its own. */
function canonicalRest({ at, actor, action, subject, details = {} }: AuditEvent): string {
  const sorted = Object.fromEntries(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `,${JSON.stringify([at.toISOString(), actor, action, subject, sorted]).slice(1)}`;
}

/** @param before the hash of the event before it */
export function hashOf(before: Uint8Array, number: number, event: AuditEvent): Uint8Array {
  const text = `[${number}${canonicalRest(event)}`;
  return new Uint8Array(createHash("sha256").update(before).update(text).digest());
}

/**
 * Appends an event, in the transaction of what it tells: both are there, or neither. Whoever appends holds the trail's end until that
 * transaction ends, so an audited change should append last. One statement, in which the database computes `hashOf`: between several the end would be
 * held while this server does other things, and everybody else waits for it.
 */
export async function appendAudit(tx: Database, event: AuditEvent): Promise<AuditHead> {
  const { at, actor, action, subject, details = {} } = event;
  const { rows } = await tx.execute<{ number: string | number; hash: Uint8Array }>(sql`
    with new_end as (
      update audit_end set number = number + 1, hash = sha256(hash || convert_to('[' || (number + 1), 'UTF8') || ${Buffer.from(canonicalRest(event))}::bytea)
      where id = 1 returning number, hash
    )
    insert into audit_events (number, at, actor, action, subject, details, hash)
    select number, ${at.toISOString()}::timestamptz, ${actor}::text, ${action}::text, ${subject}::text, ${JSON.stringify(details)}::jsonb, hash from new_end
    returning number, hash`);
  const [end] = rows;
  if (end === undefined) throw new Error("the audit trail has no end");
  return { number: Number(end.number), hash: new Uint8Array(end.hash) };
}

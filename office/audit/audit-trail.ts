// The audit trail: who did what to whom, append-only. Event n's hash is SHA-256(hash of event n−1 ‖ its canonical text); the hash before
// event 1 is 32 zeros. Signed heads (audit-heads.ts) make it impossible to write the whole trail anew.

import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { auditEnd, auditEvents } from "../store/schema.ts";
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

/** The bytes that are hashed: JSON with its keys in order, so that the database may keep it in a form of its own. */
function canonicalText(number: number, { at, actor, action, subject, details = {} }: AuditEvent): string {
  const sorted = Object.fromEntries(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify([number, at.toISOString(), actor, action, subject, sorted]);
}

/** @param before the hash of the event before it */
export function hashOf(before: Uint8Array, number: number, event: AuditEvent): Uint8Array {
  return new Uint8Array(createHash("sha256").update(before).update(canonicalText(number, event)).digest());
}

/**
 * Appends an event, in the transaction of what it tells: both are there, or neither. Whoever appends holds the trail's end until that
 * transaction ends, so an audited change should append last.
 */
export async function appendAudit(tx: Database, event: AuditEvent): Promise<AuditHead> {
  const [end] = await tx.select().from(auditEnd).where(eq(auditEnd.id, 1)).for("update");
  if (end === undefined) throw new Error("the audit trail has no end");
  const number = end.number + 1;
  const hash = hashOf(end.hash, number, event);
  const { at, actor, action, subject, details = {} } = event;
  await tx.insert(auditEvents).values({ number, at, actor, action, subject, details, hash });
  await tx.update(auditEnd).set({ number, hash }).where(eq(auditEnd.id, 1));
  return { number, hash };
}

// The audit trail: who did what to whom, append-only. Event n's hash is SHA-256(hash of event n−1 ‖ its canonical text); the hash before
// event 1 is 32 zeros. Signed heads make it impossible to write the whole trail anew.

import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { asc, eq, gt } from "drizzle-orm";
import { auditEnd, auditEvents, auditHeads } from "../store/schema.ts";
import type { Database } from "../store/store.ts";

export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditEvent {
  readonly at: Date;
  /** «officer:ID», «person:ID», «clock», «system». */
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

const FIRST_HASH = new Uint8Array(32);
const PAGE_ROWS = 1000;
const HEAD_PREFIX = "Sceau audit head 1\n";

/** The bytes that are hashed: JSON with its keys in order, so that the database may keep it in a form of its own. */
function canonicalText(number: number, { at, actor, action, subject, details = {} }: AuditEvent): string {
  const sorted = Object.fromEntries(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify([number, at.toISOString(), actor, action, subject, sorted]);
}

function hashOf(before: Uint8Array, number: number, event: AuditEvent): Uint8Array {
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

function headBytes({ number, hash }: AuditHead, at: Date): Uint8Array {
  return Buffer.concat([Buffer.from(`${HEAD_PREFIX}${number}\n${at.toISOString()}\n`), hash]);
}

/** Signs the trail's end as it is now, unless that was done already. */
export async function signAuditHead(tx: Database, key: KeyObject, at: Date): Promise<AuditHead> {
  const [end] = await tx.select().from(auditEnd).where(eq(auditEnd.id, 1)).for("update");
  if (end === undefined) throw new Error("the audit trail has no end");
  const head = { number: end.number, hash: end.hash };
  const signature = new Uint8Array(sign("sha256", headBytes(head, at), key));
  await tx
    .insert(auditHeads)
    .values({ ...head, at, signature })
    .onConflictDoNothing();
  return head;
}

/** What is wrong with a trail; `number` of the first event at which it shows. */
export interface AuditFault {
  readonly fault: "changed" | "missing" | "end" | "head";
  readonly number: number;
}

export interface AuditReport {
  readonly events: number;
  readonly heads: number;
  readonly fault: AuditFault | null;
}

/** Reads the whole trail, as it is at one moment: others may append meanwhile. `publicKey`: of the key that signs the heads. */
export function verifyAuditTrail(db: Database, publicKey: KeyObject): Promise<AuditReport> {
  return db.transaction((tx) => verifySnapshot(tx, publicKey), { isolationLevel: "repeatable read", accessMode: "read only" });
}

async function verifySnapshot(db: Database, publicKey: KeyObject): Promise<AuditReport> {
  const heads = new Map((await db.select().from(auditHeads).orderBy(asc(auditHeads.number))).map((head) => [head.number, head]));
  let hash: Uint8Array = FIRST_HASH;
  let number = 0;
  const report = (fault: AuditFault["fault"] | null): AuditReport => ({
    events: number,
    heads: heads.size,
    fault: fault === null ? null : { fault, number: number + 1 },
  });
  for (;;) {
    const rows = await db
      .select()
      .from(auditEvents)
      .where(gt(auditEvents.number, number))
      .orderBy(asc(auditEvents.number))
      .limit(PAGE_ROWS);
    if (rows.length === 0) break;
    for (const row of rows) {
      if (row.number !== number + 1) return report("missing");
      if (!Buffer.from(hashOf(hash, row.number, row)).equals(row.hash)) return report("changed");
      const head = heads.get(row.number);
      const isSigned =
        head === undefined ||
        (Buffer.from(head.hash).equals(row.hash) && verify("sha256", headBytes(head, head.at), publicKey, head.signature));
      if (!isSigned) return report("head");
      hash = row.hash;
      number = row.number;
    }
  }
  const [end] = await db.select().from(auditEnd).where(eq(auditEnd.id, 1));
  if (end?.number !== number || !Buffer.from(end.hash).equals(hash)) return report("end");
  // A head beyond the last event: events were cut off at the end, and the end was rewritten.
  return report(Math.max(0, ...heads.keys()) > number ? "missing" : null);
}

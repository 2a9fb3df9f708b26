// A trail that was restored from a backup: the heads that were signed since the backup are not in it. That is said where nobody takes it for an attack
// and nobody overlooks it: an event in the trail, and a signed line in the file of heads.

import type { KeyObject } from "node:crypto";
import { eq, inArray } from "drizzle-orm";
import { auditEvents } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { lockedEnd, signRestore } from "./audit-heads.ts";
import { type AuditHead, appendAudit, FIRST_HASH } from "./audit-trail.ts";
import { fileRecords } from "./audit-verification.ts";
import type { HeadFile } from "./head-file.ts";

export const RESTORE_ACTION = "office.restore";

const AT_ONCE = 1000;

async function eventAt(tx: Database, number: number): Promise<AuditHead> {
  const [event] = await tx
    .select({ number: auditEvents.number, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(auditEvents.number, number));
  return event ?? { number: 0, hash: FIRST_HASH };
}

/** Of these heads, the first that the trail contradicts. */
async function firstContradicted(tx: Database, heads: readonly AuditHead[]): Promise<number | null> {
  for (let i = 0; i < heads.length; i += AT_ONCE) {
    const some = heads.slice(i, i + AT_ONCE);
    const numbers = some.map(({ number }) => number);
    const rows = await tx
      .select({ number: auditEvents.number, hash: auditEvents.hash })
      .from(auditEvents)
      .where(inArray(auditEvents.number, numbers));
    const hashes = new Map([[0, FIRST_HASH], ...rows.map(({ number, hash }) => [number, hash] as const)]);
    const found = some.find(({ number, hash }) => Buffer.compare(hashes.get(number) ?? new Uint8Array(), hash) !== 0);
    if (found !== undefined) return found.number;
  }
  return null;
}

/** The last event up to which the trail is what the file's heads say. */
async function lastInCommon(tx: Database, file: HeadFile, end: AuditHead): Promise<AuditHead> {
  const { valid } = fileRecords(file.read().records);
  const known = valid.filter(({ number }) => number <= end.number).sort((a, b) => a.number - b.number);
  const contradicted = await firstContradicted(tx, known);
  return contradicted === null ? end : eventAt(tx, Math.max(0, contradicted - 1));
}

/**
 * Appends the event, and the line to the file: before the transaction's end, so that no restored office is without it. To be called by whoever restores,
 * or has restored the database by other means (PostgreSQL's own).
 * @returns the last event of before
 */
export async function recordRestore(tx: Database, key: KeyObject, file: HeadFile, now: Date): Promise<number> {
  const end = await lockedEnd(tx);
  const common = await lastInCommon(tx, file, end);
  await appendAudit(tx, { at: now, actor: "system", action: RESTORE_ACTION, subject: "system", details: { lastEvent: common.number } });
  file.append(signRestore(common, now, key), true);
  return common.number;
}

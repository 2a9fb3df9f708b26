// Signed heads of the audit trail: that event n had this hash at this time, by the office's key (ECDSA P-256 with SHA-256). Whoever keeps one where the
// database's owner cannot write finds out when the trail is cut off or written anew. A restore is signed, too: from which event on the trail goes another way.

import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import { auditEnd, auditHeads } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { AuditHead } from "./audit-trail.ts";

/** How often the trail's end is signed. */
export const AUDIT_HEAD_MS = 10 * 60_000;
/** An event that nobody has signed for so long: the job that signs is not run, or its heads are taken away. */
export const UNSIGNED_LIMIT_MS = 2 * AUDIT_HEAD_MS;

const HEAD_PREFIX = "Sceau audit head 1\n";
const RESTORE_PREFIX = "Sceau audit restore 1\n";

export interface SignedHead extends AuditHead {
  readonly at: Date;
  /** Ecdsa-Sig-Value, DER. */
  readonly signature: Uint8Array;
}

function signedBytes(prefix: string, { number, hash }: AuditHead, at: Date): Uint8Array {
  return Buffer.concat([Buffer.from(`${prefix}${number}\n${at.toISOString()}\n`), hash]);
}

const signWith = (prefix: string, head: AuditHead, at: Date, key: KeyObject): SignedHead => ({
  ...head,
  at,
  signature: new Uint8Array(sign("sha256", signedBytes(prefix, head, at), key)),
});

export function isHeadOf(publicKey: KeyObject, head: SignedHead): boolean {
  return verify("sha256", signedBytes(HEAD_PREFIX, head, head.at), publicKey, head.signature);
}

/** Up to event `number` the trail is what it was; what came after it, before `at`, is not in it any more. */
export const signRestore = (head: AuditHead, at: Date, key: KeyObject): SignedHead => signWith(RESTORE_PREFIX, head, at, key);

export function isRestoreOf(publicKey: KeyObject, restore: SignedHead): boolean {
  return verify("sha256", signedBytes(RESTORE_PREFIX, restore, restore.at), publicKey, restore.signature);
}

/** The trail's last event. Holds the end until the transaction ends: all of its events are committed. */
export async function lockedEnd(tx: Database): Promise<AuditHead> {
  const [end] = await tx.select().from(auditEnd).where(eq(auditEnd.id, 1)).for("update");
  if (end === undefined) throw new Error("the audit trail has no end");
  return { number: end.number, hash: end.hash };
}

/** Whether the store has the key's own word for this end. Whoever can write there could have put anything in its place. */
async function isSigned(tx: Database, { number, hash }: AuditHead, key: KeyObject): Promise<boolean> {
  const [known] = await tx.select().from(auditHeads).where(eq(auditHeads.number, number));
  return known !== undefined && Buffer.compare(known.hash, hash) === 0 && isHeadOf(createPublicKey(key), known);
}

/** Signs the trail's end as it is now. @returns for the file; null: that was done already */
export async function signAuditHead(tx: Database, key: KeyObject, at: Date): Promise<SignedHead | null> {
  const head = signWith(HEAD_PREFIX, await lockedEnd(tx), at, key);
  const added = await tx.insert(auditHeads).values(head).onConflictDoNothing().returning({ number: auditHeads.number });
  return added.length === 0 && (await isSigned(tx, head, key)) ? null : head;
}

/** Null: there is none. Whether it is the key's is for `isHeadOf`. */
export async function newestHead(db: Database): Promise<SignedHead | null> {
  const [head] = await db.select().from(auditHeads).orderBy(desc(auditHeads.number)).limit(1);
  return head ?? null;
}

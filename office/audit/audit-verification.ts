// Reads the whole trail and tells the first thing that is wrong with it: its chain, its signed heads, and what heads that are kept outside of the
// database know of it.

import type { KeyObject } from "node:crypto";
import { asc, eq, gt } from "drizzle-orm";
import { auditEnd, auditEvents, auditHeads } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { isHeadOf, isRestoreOf, type SignedHead, UNSIGNED_LIMIT_MS } from "./audit-heads.ts";
import { FIRST_HASH, hashOf } from "./audit-trail.ts";
import type { HeadLines, HeadRecord } from "./head-lines.ts";

const PAGE_ROWS = 1000;

/**
 * `changed`: an event, or two in each other's place; `missing`: a number, or what a head of the database still tells; `end`: not as it was written;
 * `head`: a signature that is not the key's. By heads outside of the database: `cut-off` at the end; `rewritten`: written anew, up to this event.
 * `no-head`: nobody has signed it for too long.
 */
export interface AuditFault {
  readonly fault: "changed" | "missing" | "end" | "head" | "cut-off" | "rewritten" | "no-head";
  /** Of the first event at which it shows. */
  readonly number: number;
  /** Of `no-head`: the time of that event, ISO 8601. */
  readonly since?: string;
}

/** The office was restored from a backup: what came after the backup is not in the trail. */
export interface RestoreNote {
  readonly at: string;
  /** The backup's last event. */
  readonly number: number;
  /** Signed heads of before which know more than the backup; up to which event. */
  readonly lostHeads: number;
  readonly lostUntil: number | null;
}

export interface AuditReport {
  readonly events: number;
  readonly heads: number;
  /** ISO 8601. */
  readonly lastHeadAt: string | null;
  /** Signed heads outside of the database that the trail was compared with; what is before a restore does not count. */
  readonly outside: number;
  /** Lines of the folder's file, from 1. */
  readonly unreadableLines: readonly number[];
  readonly restores: readonly RestoreNote[];
  readonly fault: AuditFault | null;
}

export interface VerifyOptions {
  /** The office's time; without it nobody asks whether events are signed in time. */
  readonly now?: Date;
  /** The office's own file. */
  readonly file?: HeadLines;
  /** Heads that somebody kept elsewhere. A restore of before is no excuse for them. */
  readonly kept?: readonly SignedHead[];
}

/** What is known of the trail outside of the database. */
interface Outside {
  /** By the number of the event. */
  readonly expected: ReadonlyMap<number, readonly HeadRecord[]>;
  readonly count: number;
  readonly restores: readonly RestoreNote[];
}

/** The file's own records count up to the event from which on a later restore went another way. */
export function fileRecords(records: readonly HeadRecord[]): { valid: readonly HeadRecord[]; restores: RestoreNote[] } {
  let valid: HeadRecord[] = [];
  const restores: RestoreNote[] = [];
  for (const record of records) {
    if (record.isRestore) {
      const lost = valid.filter(({ number }) => number > record.number);
      valid = valid.filter(({ number }) => number <= record.number);
      const lostUntil = lost.length === 0 ? null : lost.reduce((last, { number }) => Math.max(last, number), 0);
      restores.push({ at: record.at.toISOString(), number: record.number, lostHeads: lost.length, lostUntil });
    }
    valid.push(record);
  }
  return { valid, restores };
}

function outsideOf({ file, kept = [] }: VerifyOptions): Outside {
  const { valid, restores } = fileRecords(file?.records ?? []);
  const all = [...valid, ...kept.map((head) => ({ ...head, isRestore: false }))];
  const expected = new Map<number, HeadRecord[]>();
  for (const record of all) expected.set(record.number, [...(expected.get(record.number) ?? []), record]);
  return { expected, count: all.length, restores };
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** One reading of the trail, event by event. */
class TrailReading {
  readonly #publicKey: KeyObject;
  readonly #heads: ReadonlyMap<number, SignedHead>;
  readonly #outside: Outside;
  #hash: Uint8Array = FIRST_HASH;
  #number = 0;
  /** The first event that no head covers yet. */
  #unsigned: { readonly number: number; readonly at: Date } | null = null;

  constructor(publicKey: KeyObject, heads: ReadonlyMap<number, SignedHead>, outside: Outside) {
    this.#publicKey = publicKey;
    this.#heads = heads;
    this.#outside = outside;
  }

  get number(): number {
    return this.#number;
  }

  /** What signatures say of the event that was read last. */
  #signed(): AuditFault["fault"] | null {
    const head = this.#heads.get(this.#number);
    if (head !== undefined && !(same(head.hash, this.#hash) && isHeadOf(this.#publicKey, head))) return "head";
    if (head !== undefined) this.#unsigned = null;
    for (const record of this.#outside.expected.get(this.#number) ?? []) {
      const isSeen = head !== undefined && !record.isRestore && same(record.signature, head.signature) && +record.at === +head.at;
      if (!isSeen && !this.#isSound(record)) return "head";
      if (!same(record.hash, this.#hash)) return "rewritten";
    }
    return null;
  }

  #isSound(record: HeadRecord): boolean {
    return record.isRestore ? isRestoreOf(this.#publicKey, record) : isHeadOf(this.#publicKey, record);
  }

  /** Before the first event. */
  begin(): AuditFault | null {
    const fault = this.#signed();
    return fault === null ? null : { fault, number: 0 };
  }

  next(row: typeof auditEvents.$inferSelect): AuditFault | null {
    const number = this.#number + 1;
    if (row.number !== number) return { fault: "missing", number };
    if (!same(hashOf(this.#hash, number, row), row.hash)) return { fault: "changed", number };
    this.#hash = row.hash;
    this.#number = number;
    this.#unsigned ??= { number, at: row.at };
    const fault = this.#signed();
    return fault === null ? null : { fault, number };
  }

  /** After the last event. */
  finish(end: { readonly number: number; readonly hash: Uint8Array } | undefined, now: Date | undefined): AuditFault | null {
    const number = this.#number + 1;
    if (end?.number !== this.#number || !same(end.hash, this.#hash)) return { fault: "end", number };
    const beyond = [...this.#outside.expected.values()].flat().filter((record) => record.number > this.#number);
    if (beyond.some((record) => this.#isSound(record))) return { fault: "cut-off", number };
    const [stranger] = beyond;
    if (stranger !== undefined) return { fault: "head", number: stranger.number };
    // Events were cut off at the end, the end was rewritten, and the heads were left.
    for (const head of this.#heads.keys()) if (head > this.#number) return { fault: "missing", number };
    const since = this.#unsigned;
    if (since === null || now === undefined || now.getTime() - since.at.getTime() <= UNSIGNED_LIMIT_MS) return null;
    return { fault: "no-head", number: since.number, since: since.at.toISOString() };
  }
}

async function readTrail(db: Database, reading: TrailReading, now: Date | undefined): Promise<AuditFault | null> {
  let fault = reading.begin();
  while (fault === null) {
    const rows = await db
      .select()
      .from(auditEvents)
      .where(gt(auditEvents.number, reading.number))
      .orderBy(asc(auditEvents.number))
      .limit(PAGE_ROWS);
    if (rows.length === 0) break;
    for (const row of rows) {
      fault = reading.next(row);
      if (fault !== null) return fault;
    }
  }
  if (fault !== null) return fault;
  const [end] = await db.select().from(auditEnd).where(eq(auditEnd.id, 1));
  return reading.finish(end, now);
}

async function verifySnapshot(db: Database, publicKey: KeyObject, options: VerifyOptions): Promise<AuditReport> {
  const rows = await db.select().from(auditHeads).orderBy(asc(auditHeads.number));
  const outside = outsideOf(options);
  const reading = new TrailReading(publicKey, new Map(rows.map((head) => [head.number, head])), outside);
  const fault = await readTrail(db, reading, options.now);
  return {
    events: reading.number,
    heads: rows.length,
    lastHeadAt: rows.at(-1)?.at.toISOString() ?? null,
    outside: outside.count,
    unreadableLines: options.file?.unreadable ?? [],
    restores: outside.restores,
    fault,
  };
}

/**
 * Reads the whole trail, as it is at one moment: others may append meanwhile. What is known of it outside of the database must have been read before:
 * it may be behind the trail, and never ahead.
 * @param publicKey of the key that signs the heads
 */
export function verifyAuditTrail(db: Database, publicKey: KeyObject, options: VerifyOptions = {}): Promise<AuditReport> {
  return db.transaction((tx) => verifySnapshot(tx, publicKey, options), { isolationLevel: "repeatable read", accessMode: "read only" });
}

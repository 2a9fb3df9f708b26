// How often somebody may try: counted before what is tried is looked at, and kept in the database, so that neither a restart nor another
// server gives new tries.

import { sql } from "drizzle-orm";
import type { Database, Store } from "../store/store.ts";

export interface Limit {
  /** What is limited: «sign-in from 192.0.2.1». */
  readonly subject: string;
  readonly count: number;
  readonly windowMs: number;
}

export class LimitError extends Error {
  override readonly name = "LimitError";
  /** When it is worth trying again. */
  readonly retryAt: Date;
  constructor(retryAt: Date) {
    super("too many tries");
    this.retryAt = retryAt;
  }
}

export interface Count {
  /** This one included. */
  readonly count: number;
  /** When it begins anew. */
  readonly endsAt: Date;
}

async function countIn(tx: Database, { subject, windowMs }: Omit<Limit, "count">, now: Date): Promise<Count> {
  const start = new Date(Math.floor(now.getTime() / windowMs) * windowMs);
  const { rows } = await tx.execute<{ count: number }>(sql`
    insert into limits (subject, window_start, count) values (${subject}, ${start.toISOString()}, 1)
    on conflict (subject, window_start) do update set count = limits.count + 1
    returning count`);
  return { count: rows[0]?.count ?? 0, endsAt: new Date(start.getTime() + windowMs) };
}

/** One more in this window, for whoever decides by the number what it means. */
export const countTry = ({ db }: Store, limit: Omit<Limit, "count">, now: Date): Promise<Count> => countIn(db, limit, now);

/**
 * Spends one try of each limit, in a transaction of its own: whatever fails afterwards, they stay spent.
 * @throws LimitError when one of them was used up before
 */
export async function spendTry(store: Store, limits: readonly Limit[], now: Date): Promise<void> {
  const ends = await store.transaction(async (tx) => {
    const used: Date[] = [];
    // In one order, so that two requests with the same limits never wait for each other in a circle.
    for (const limit of [...limits].sort((a, b) => (a.subject < b.subject ? -1 : 1))) {
      const { count, endsAt } = await countIn(tx, limit, now);
      if (count > limit.count) used.push(endsAt);
    }
    return used;
  });
  const [last] = ends.sort((a, b) => b.getTime() - a.getTime());
  if (last !== undefined) throw new LimitError(last);
}

/** Windows that are long over; a job. */
export async function forgetOldLimits(store: Store, before: Date): Promise<void> {
  await store.db.execute(sql`delete from limits where window_start < ${before.toISOString()}`);
}

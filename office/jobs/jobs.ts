// What has to be done at a time: the CRL, signed audit heads, expiries, mails. Several servers share the list; a job is one server's while
// it holds the claim, and anybody's again when that server has died.

import { eq, sql } from "drizzle-orm";
import { jobs } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";

/** Longer than any job takes. */
const CLAIM_MS = 60_000;
/** After a failure: doubled each time, up to an hour. */
const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 3_600_000;

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly attempts: number;
}

/** Does a job in a transaction of its own: what it changes and that it is done are one. */
export type JobHandler = (tx: Database, job: Job, now: Date) => Promise<void>;

/**
 * Work that waits for somebody else, as for a mail server: done before the transaction, under the job's claim alone, so it may happen twice. What it
 * answers is done in the job's transaction.
 */
export interface OutsideHandler {
  readonly outside: (store: Store, job: Job, now: Date) => Promise<JobHandler>;
}

export type AnyJobHandler = JobHandler | OutsideHandler;
export type JobHandlers = ReadonlyMap<string, AnyJobHandler>;

/** Which kinds are looked for: these only, or all but these. */
export interface Lane {
  readonly kinds: readonly string[];
  readonly isOnly: boolean;
}

const ALL: Lane = { kinds: [], isOnly: false };

/** Adds a job, unless one with this key is (or was) there. */
export async function schedule(tx: Database, job: { readonly kind: string; readonly key: string; readonly dueAt: Date }): Promise<void> {
  await tx
    .insert(jobs)
    .values({ ...job, attempts: 0 })
    .onConflictDoNothing();
}

/** Takes the job that is due first, if there is one. The attempt is counted before it is made. */
async function claim(store: Store, now: Date, { kinds, isOnly }: Lane): Promise<Job | null> {
  const listed = sql`(kind in (select jsonb_array_elements_text(${JSON.stringify(kinds)}::jsonb)))`;
  const { rows } = await store.db.execute<{ id: string; kind: string; key: string; attempts: number }>(sql`
    update jobs set claimed_until = ${new Date(now.getTime() + CLAIM_MS).toISOString()}, attempts = attempts + 1
    where id = (
      select id from jobs
      where ${listed} = ${isOnly} and done_at is null and due_at <= ${now.toISOString()} and (claimed_until is null or claimed_until <= ${now.toISOString()})
      order by due_at for update skip locked limit 1
    )
    returning id, kind, key, attempts`);
  return rows[0] ?? null;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

/** A job that failed, for the log: the list itself keeps only the error's name. */
export type JobFailed = (job: Job, error: unknown) => void;

/**
 * Does every job that is due. A job that fails is tried again later, and does not hold up the others.
 * @param failed told each time
 * @returns how many were done
 */
export async function runDueJobs(
  store: Store,
  handlers: JobHandlers,
  now: () => Date,
  failed: JobFailed = () => {},
  lane = ALL,
): Promise<number> {
  let done = 0;
  for (;;) {
    const job = await claim(store, now(), lane);
    if (job === null) return done;
    try {
      const handler = handlers.get(job.kind);
      if (handler === undefined) throw new UnknownJobError(job.kind);
      const work = typeof handler === "function" ? handler : await handler.outside(store, job, now());
      await store.transaction(async (tx) => {
        // Held for the whole transaction: whoever takes the job over after a claim that ran out waits here, and finds it done.
        const [row] = await tx.select().from(jobs).where(eq(jobs.id, job.id)).for("update");
        if (row === undefined || row.doneAt !== null) return;
        await work(tx, job, now());
        await tx.update(jobs).set({ doneAt: now(), lastError: null }).where(eq(jobs.id, job.id));
      });
      done += 1;
    } catch (error) {
      failed(job, error);
      const wait = Math.min(FIRST_RETRY_MS * 2 ** (job.attempts - 1), MAX_RETRY_MS);
      const dueAt = new Date(now().getTime() + wait);
      await store.db
        .update(jobs)
        .set({ dueAt, claimedUntil: null, lastError: reasonOf(error) })
        .where(eq(jobs.id, job.id));
    }
  }
}

/** A job of a newer server: left for one that knows it. */
export class UnknownJobError extends Error {
  override readonly name = "UnknownJobError";
}

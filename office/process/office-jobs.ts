// What the office does by the clock: the handlers of issuance, signed heads of the audit trail, and the sweeping of what is over. Servers that
// share a store share the list, and each job is done once.

import type { KeyObject } from "node:crypto";
import { and, inArray, lt, or, sql } from "drizzle-orm";
import { signAuditHead } from "../audit/audit-trail.ts";
import { type Clock, DAY_MS, HOUR_MS } from "../issuance/clock.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { issuanceJobs } from "../issuance/issuance-jobs.ts";
import { type Job, type JobHandler, runDueJobs, schedule } from "../jobs/jobs.ts";
import { forgetOldLimits } from "../registration/limits.ts";
import { jobs, officerSessions, oneTimeLinks, signInChallenges } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";

export const AUDIT_HEAD_JOB = "audit.head";
export const SWEEP_JOB = "sweep";
const AUDIT_HEAD_MS = 10 * 60_000;
/** What is over stays so long: whoever comes too late is told so, and not that there never was such a thing. */
const KEPT_MS = 7 * DAY_MS;

const EVERY: Readonly<Record<string, number>> = { [AUDIT_HEAD_JOB]: AUDIT_HEAD_MS, [SWEEP_JOB]: HOUR_MS };

/** The next time of a job that comes again and again; its number is in its key, so that all servers mean the same one. */
async function scheduleNext(tx: Database, kind: string, now: Date): Promise<void> {
  const everyMs = EVERY[kind] ?? HOUR_MS;
  const next = Math.floor(now.getTime() / everyMs) + 1;
  await schedule(tx, { kind, key: `${kind}:${next}`, dueAt: new Date(next * everyMs) });
}

/** Links, challenges, sessions and limits that are over, and the jobs of this file that are done. */
async function sweep(tx: Database, store: Store, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_MS);
  await tx.delete(oneTimeLinks).where(lt(oneTimeLinks.expiresAt, before));
  await tx.delete(signInChallenges).where(lt(signInChallenges.expiresAt, before));
  await tx.delete(officerSessions).where(or(lt(officerSessions.expiresAt, before), lt(officerSessions.revokedAt, before)));
  await tx.delete(jobs).where(and(inArray(jobs.kind, Object.keys(EVERY)), lt(jobs.doneAt, before)));
  await forgetOldLimits({ ...store, db: tx }, new Date(now.getTime() - DAY_MS));
}

export function officeJobs(desk: IssuanceDesk, auditKey: KeyObject): ReadonlyMap<string, JobHandler> {
  return new Map<string, JobHandler>([
    ...issuanceJobs(desk),
    [
      AUDIT_HEAD_JOB,
      async (tx, _job, now) => {
        await scheduleNext(tx, AUDIT_HEAD_JOB, now);
        await signAuditHead(tx, auditKey, now);
      },
    ],
    [
      SWEEP_JOB,
      async (tx, _job, now) => {
        await scheduleNext(tx, SWEEP_JOB, now);
        await sweep(tx, desk.store, now);
      },
    ],
  ]);
}

/** At each start: one of each kind is always to come. */
export async function scheduleOfficeJobs({ store, clock }: IssuanceDesk): Promise<void> {
  for (const kind of Object.keys(EVERY)) await scheduleNext(store.db, kind, clock.now());
}

export interface JobLoop {
  /** Begins nothing new, and waits for what runs. */
  stop(): Promise<void>;
}

/** Looks for due jobs, again and again. @param failed told when the list itself cannot be read; then it goes on */
export function runJobLoop(
  store: Store,
  handlers: ReadonlyMap<string, JobHandler>,
  clock: Clock,
  everyMs: number,
  failed: (error: unknown, job: Job | null) => void,
): JobLoop {
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  const look = (): void => {
    const now = (): Date => clock.now();
    running = runDueJobs(store, handlers, now, (job, error) => failed(error, job))
      .then(() => {})
      .catch((error: unknown) => failed(error, null))
      .finally(() => {
        if (!isStopped) timer = setTimeout(look, everyMs);
      });
  };
  look();
  return {
    stop: async () => {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}

export interface JobCounts {
  readonly due: number;
  readonly failing: number;
}

/** What is due and not done, and what has failed at least once. */
export async function countJobs({ db }: Store, now: Date): Promise<JobCounts> {
  const rows = await db
    .select({ dueAt: jobs.dueAt, lastError: jobs.lastError })
    .from(jobs)
    .where(and(sql`${jobs.doneAt} is null`, or(lt(jobs.dueAt, now), sql`${jobs.lastError} is not null`)));
  return { due: rows.filter(({ dueAt }) => dueAt <= now).length, failing: rows.filter(({ lastError }) => lastError !== null).length };
}

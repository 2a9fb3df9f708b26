// What the office does by the clock: the handlers of issuance, signed heads of the audit trail, and the sweeping of what is over. Servers that
// share a store share the list, and each job is done once.

import { createPublicKey, type KeyObject } from "node:crypto";
import { and, asc, lt, or, sql } from "drizzle-orm";
import { lapseJob } from "../activation/lapse.ts";
import { RELEASE_EXPIRE_JOB, releaseExpiryJob } from "../activation/secret-release.ts";
import type { ApplicationDesk } from "../applications/application-desk.ts";
import { AUDIT_HEAD_MS, signAuditHead } from "../audit/audit-heads.ts";
import type { HeadFile } from "../audit/head-file.ts";
import { DOSSIER_EXPIRY_JOB, dossierExpiryJob } from "../dossiers/dossier-expiry.ts";
import { ACTIVATION_EXPIRE_JOB, activationExpiryJob } from "../dossiers/prepare-activation.ts";
import { identityJobs } from "../identity/identity-jobs.ts";
import { UNPROVED_JOB } from "../issuance/certificate-issuance.ts";
import { type Clock, DAY_MS, HOUR_MS } from "../issuance/clock.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { issuanceJobs } from "../issuance/issuance-jobs.ts";
import { type AnyJobHandler, type Job, type JobHandlers, type Lane, runDueJobs, schedule } from "../jobs/jobs.ts";
import type { Mailer } from "../mail/mail.ts";
import { MAIL_JOB, mailJob } from "../mail/outbox.ts";
import { forgetOldLimits } from "../registration/limits.ts";
import { OFFER_JOB, offerJob } from "../representatives/offering.ts";
import { accountSessions, activationSessions, agentRequests, mailCodes, representativeSessions } from "../store/application-schema.ts";
import { auditEnd, jobs, officerCodeSights, officerSessions, oneTimeLinks, signInChallenges } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";

export const AUDIT_HEAD_JOB = "audit.head";
export const SWEEP_JOB = "sweep";
/** What is over stays so long: whoever comes too late is told so, and not that there never was such a thing. */
const KEPT_MS = 7 * DAY_MS;
/** Longer than a dossier takes from the check to its approval. */
const SIGHTS_KEPT_MS = 366 * DAY_MS;

const EVERY: Readonly<Record<string, number>> = { [AUDIT_HEAD_JOB]: AUDIT_HEAD_MS, [SWEEP_JOB]: HOUR_MS };

/** The next time of a job that comes again and again; its number is in its key, so that all servers mean the same one. */
async function scheduleNext(tx: Database, kind: string, now: Date): Promise<void> {
  const everyMs = EVERY[kind] ?? HOUR_MS;
  const next = Math.floor(now.getTime() / everyMs) + 1;
  await schedule(tx, { kind, key: `${kind}:${next}`, dueAt: new Date(next * everyMs) });
}

/** Links, challenges, sessions and limits that are over, and jobs that are done: one that fails stays, and is told. */
async function sweep(tx: Database, store: Store, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_MS);
  await tx.delete(oneTimeLinks).where(lt(oneTimeLinks.expiresAt, before));
  await tx.delete(signInChallenges).where(lt(signInChallenges.expiresAt, before));
  await tx.delete(officerSessions).where(or(lt(officerSessions.expiresAt, before), lt(officerSessions.revokedAt, before)));
  await tx.delete(mailCodes).where(lt(mailCodes.expiresAt, before));
  await tx.delete(activationSessions).where(lt(activationSessions.expiresAt, before));
  await tx.delete(representativeSessions).where(lt(representativeSessions.expiresAt, before));
  await tx.delete(agentRequests).where(lt(agentRequests.expiresAt, before));
  await tx.delete(accountSessions).where(or(lt(accountSessions.expiresAt, before), lt(accountSessions.revokedAt, before)));
  await tx.delete(officerCodeSights).where(lt(officerCodeSights.until, new Date(now.getTime() - SIGHTS_KEPT_MS)));
  await tx.delete(jobs).where(lt(jobs.doneAt, before));
  await forgetOldLimits({ ...store, db: tx }, new Date(now.getTime() - DAY_MS));
}

export interface AuditSigning {
  readonly key: KeyObject;
  /** The office's folder's: what is signed is there before it is in the database. */
  readonly file: HeadFile;
}

/** Whoever signs holds the trail's end: the events up to it are committed, also when this transaction comes to nothing. */
async function signHead(tx: Database, { key, file }: AuditSigning, now: Date): Promise<void> {
  const head = await signAuditHead(tx, key, now);
  if (head !== null) file.append(head);
}

/** At each start: what a server that was stopped has left unsigned. */
export const signHeadNow = ({ store, clock }: IssuanceDesk, audit: AuditSigning): Promise<void> =>
  store.transaction((tx) => signHead(tx, audit, clock.now()));

/** A job that is due may wait for others, and fail once. */
const JOB_SLACK_MS = 60_000;

/**
 * What each server does besides, again and again: its file keeps up with the heads that others sign; and when nobody has signed for longer than the job
 * takes, it signs itself. Whoever owns the database can put off a job; not this.
 */
export async function keepHeads({ store, clock }: Pick<IssuanceDesk, "store" | "clock">, audit: AuditSigning): Promise<void> {
  const { key, file } = audit;
  await file.keepUp(store.db, createPublicKey(key));
  const now = clock.now();
  const last = file.last();
  if (now.getTime() - last.at.getTime() <= AUDIT_HEAD_MS + JOB_SLACK_MS) return;
  const [end] = await store.db.select({ number: auditEnd.number }).from(auditEnd);
  if (end !== undefined && end.number !== last.number) await store.transaction((tx) => signHead(tx, audit, now));
}

export interface JobDesks {
  readonly issuance: IssuanceDesk;
  readonly applications: ApplicationDesk;
  readonly mailer: Mailer;
}

export function officeJobs({ issuance, applications, mailer }: JobDesks, audit: AuditSigning): JobHandlers {
  return new Map<string, AnyJobHandler>([
    ...issuanceJobs(issuance),
    [UNPROVED_JOB, lapseJob({ ...issuance, ...applications })],
    [RELEASE_EXPIRE_JOB, releaseExpiryJob],
    [DOSSIER_EXPIRY_JOB, dossierExpiryJob],
    ...identityJobs(applications),
    [MAIL_JOB, mailJob(applications.sealing, mailer)],
    [OFFER_JOB, offerJob(applications)],
    [ACTIVATION_EXPIRE_JOB, activationExpiryJob(applications)],
    [
      AUDIT_HEAD_JOB,
      async (tx, _job, now) => {
        await scheduleNext(tx, AUDIT_HEAD_JOB, now);
        await signHead(tx, audit, now);
      },
    ],
    [
      SWEEP_JOB,
      async (tx, _job, now) => {
        await scheduleNext(tx, SWEEP_JOB, now);
        await sweep(tx, issuance.store, now);
      },
    ],
  ]);
}

/** At each start: one of each kind is always to come. */
export async function scheduleOfficeJobs({ store, clock }: IssuanceDesk): Promise<void> {
  for (const kind of Object.keys(EVERY)) await scheduleNext(store.db, kind, clock.now());
}

/** Whoever is woken again and again looks ten times a second, and leaves the database to the others meanwhile. */
const WOKEN_MS = 100;

export interface JobLoop {
  /** There may be something to do now: a mail that a request has left. Looked at once more when it is looking already. */
  wake(): void;
  /** Begins nothing new, and waits for what runs. */
  stop(): Promise<void>;
}

export interface LoopOrder {
  readonly store: Store;
  readonly handlers: JobHandlers;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Told when the list itself cannot be read, too; then the loop goes on. */
  readonly failed: (error: unknown, job: Job | null) => void;
  /** What each server does for itself, each time; also when the list cannot be read. */
  readonly besides?: () => Promise<void>;
  readonly lane?: Lane;
}

/** A mail server that is slow keeps mails waiting, and nothing else: they have a loop of their own. */
export const MAIL_LANE: Lane = { kinds: [MAIL_JOB], isOnly: true };
export const OTHER_LANE: Lane = { kinds: [MAIL_JOB], isOnly: false };

/** Looks for due jobs, again and again. */
export function runJobLoop({ store, handlers, clock, everyMs, failed, besides = async () => {}, lane }: LoopOrder): JobLoop {
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let isWoken = false;
  let running: Promise<void> = Promise.resolve();
  const look = (): void => {
    timer = null;
    isWoken = false;
    const now = (): Date => clock.now();
    const told = (error: unknown): void => failed(error, null);
    running = runDueJobs(store, handlers, now, (job, error) => failed(error, job), lane)
      .then(() => {}, told)
      .then(besides)
      .catch(told)
      .finally(() => {
        if (!isStopped) timer = setTimeout(look, isWoken ? Math.min(WOKEN_MS, everyMs) : everyMs);
      });
  };
  look();
  return {
    wake: () => {
      if (isWoken || isStopped) return;
      isWoken = true;
      if (timer === null) return;
      clearTimeout(timer);
      look();
    },
    stop: async () => {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}

export interface FailingJob {
  readonly kind: string;
  readonly attempts: number;
  /** The error's name; the log has more. */
  readonly lastError: string;
  /** When it is tried again, ISO 8601. */
  readonly nextTry: string;
}

export interface JobCounts {
  readonly due: number;
  readonly failing: number;
  /** Those that failed most often. */
  readonly failures: readonly FailingJob[];
}

const TOLD_FAILURES = 10;

/** What is due and not done, and what has failed at least once. */
export async function countJobs({ db }: Store, now: Date): Promise<JobCounts> {
  const rows = await db
    .select({ kind: jobs.kind, dueAt: jobs.dueAt, lastError: jobs.lastError, attempts: jobs.attempts })
    .from(jobs)
    .where(and(sql`${jobs.doneAt} is null`, or(lt(jobs.dueAt, now), sql`${jobs.lastError} is not null`)))
    .orderBy(sql`${jobs.attempts} desc`, asc(jobs.dueAt));
  const failing = rows.flatMap(({ kind, attempts, lastError, dueAt }) =>
    lastError === null ? [] : { kind, attempts, lastError, nextTry: dueAt.toISOString() },
  );
  return { due: rows.filter(({ dueAt }) => dueAt <= now).length, failing: failing.length, failures: failing.slice(0, TOLD_FAILURES) };
}

// The office as a process: store, authority, server, jobs and the socket for `sceau office …`, put together and taken down in order. Nothing has to be
// configured.

import { createPublicKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { addActivationRoutes } from "./activation/activation-routes.ts";
import { addAdminSocket } from "./admin/admin-server.ts";
import type { ApplicationDesk } from "./applications/application-desk.ts";
import { HeadFile } from "./audit/head-file.ts";
import { addEnrolmentRoutes } from "./enrolment/enrolment-routes.ts";
import { adoptAuthority } from "./issuance/authority-adoption.ts";
import { OCSP_KEY_FILE } from "./issuance/authority-folder.ts";
import type { Clock } from "./issuance/clock.ts";
import type { IssuanceDesk } from "./issuance/issuance-desk.ts";
import { revoke, revokeIn, revokeKeyIn, revokeTokenIn } from "./issuance/revocation.ts";
import type { Job } from "./jobs/jobs.ts";
import { folderMailer } from "./mail/folder-mailer.ts";
import type { Mailer } from "./mail/mail.ts";
import { type SmtpServer, smtpMailer } from "./mail/smtp-mailer.ts";
import { openAuditKey } from "./process/audit-key.ts";
import { markAsOffices, openAuthority } from "./process/authority.ts";
import { openSealing } from "./process/data-key.ts";
import { type FirstStart, hasActiveOfficer, keepKind, prepareFirstOfficer } from "./process/first-officer.ts";
import { OfficeFolder } from "./process/office-folder.ts";
import {
  type JobLoop,
  keepHeads,
  MAIL_LANE,
  OTHER_LANE,
  officeJobs,
  runJobLoop,
  scheduleOfficeJobs,
  signHeadNow,
} from "./process/office-jobs.ts";
import { openOfficeStore } from "./process/open-store.ts";
import { authorityWarnings, checkClock, type StartWarning } from "./process/start-checks.ts";
import { PortTakenError } from "./process/start-errors.ts";
import { createOfficeServer, type OfficeServerOptions, type ServerTls } from "./server/office-server.ts";
import { openOcspKey } from "./status/ocsp-key.ts";
import type { Store } from "./store/store.ts";

export const DEFAULT_HOST = "127.0.0.1";
export const DEFAULT_PORT = 8440;
/** How often the list of jobs is looked at. */
const JOBS_EVERY_MS = 5000;
const BAD_REQUEST = 400;
/** Whoever has not got an answer by then, gets none. */
const STOP_LIMIT_MS = 10_000;

export type OfficeStep = "database" | "first-database" | "authority" | "demo" | "listen";

/** TLS by the office itself; files, PEM. */
export interface TlsFiles {
  readonly key: string;
  readonly certificate: string;
}

/** The mail server that mails leave by. */
export interface OfficeSmtp {
  readonly server: SmtpServer;
  readonly password: string | null;
  /** Address of the sender; null: office@ and the office's host. */
  readonly from: string | null;
}

export interface OfficeConfig {
  /** The office's own folder. */
  readonly folder: string;
  readonly authorityFolder: string;
  /** postgres://… ; null: PGlite in the folder. */
  readonly databaseUrl: string | null;
  readonly host: string;
  readonly port: number;
  /** Null: what the authority says, else http://HOST:PORT. */
  readonly publicUrl: string | null;
  readonly tls: TlsFiles | null;
  /** Absent: mails become files in the folder's mails/. */
  readonly smtp?: OfficeSmtp;
  /** Addresses of proxies whose X-Forwarded-For counts. Without them everybody behind a proxy has its address, and its limits. */
  readonly trustedProxies?: readonly string[];
  readonly isDemo: boolean;
  /** Whoever starts it says that the clock is right, though the office has written down a later time. */
  readonly trustClock?: boolean;
  readonly first: Omit<FirstStart, "timeZone">;
  readonly clock: Clock;
  /** Roots of simulated tokens, DER: counted in a demonstration only. */
  simulatorRoots(): readonly Uint8Array[];
  /** Fills a demonstration's empty store, and makes its authority. */
  readonly fillDemo?: (store: Store, config: OfficeConfig) => Promise<void>;
  /** A first authority was made, with nobody there; told at once, whatever comes after. */
  authorityMade(folder: string, rootKeyFile: string): void;
  /** What may take longer than a second. */
  progress(step: OfficeStep): void;
  readonly logLevel?: string;
  readonly logTo?: OfficeServerOptions["logTo"];
  readonly jobsEveryMs?: number;
}

export interface RunningOffice {
  readonly publicUrl: string;
  /** What it listens on. */
  readonly address: string;
  readonly kind: Store["kind"];
  /** The first officer's code, the one time that it is told. */
  readonly firstCode: string | null;
  readonly hasOfficer: boolean;
  /** False: another server of this folder answers `sceau office …`, until it ends. */
  readonly hasSocket: boolean;
  /** What somebody has to do something about, in the log, too. */
  readonly warnings: readonly StartWarning[];
  /** Accepts no more, ends what was begun, closes the store. */
  close(): Promise<void>;
}

function timeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function openStore({ databaseUrl, progress }: OfficeConfig, folder: OfficeFolder): Promise<Store> {
  progress(databaseUrl === null ? "first-database" : "database");
  return openOfficeStore(databaseUrl, folder.database);
}

function readTls(files: TlsFiles | null, authorities: readonly Uint8Array[]): { tls?: ServerTls } {
  if (files === null) return {};
  const clientCas = authorities.map((der) => new X509Certificate(der).toString());
  return { tls: { key: readFileSync(files.key, "utf8"), cert: readFileSync(files.certificate, "utf8"), clientCas } };
}

function mailerOf({ smtp, clock }: OfficeConfig, folder: OfficeFolder, publicUrl: string): Mailer {
  const from = `office@${new URL(publicUrl).hostname}`;
  if (smtp === undefined) return folderMailer(folder.mails, from, clock);
  return smtpMailer({ server: smtp.server, password: smtp.password, from: smtp.from ?? from }, clock);
}

async function listen(app: FastifyInstance, { host, port }: OfficeConfig): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") throw new PortTakenError(`${host}:${port}`, { cause: error });
    throw error;
  }
}

/**
 * Ends what was begun, and each connection with the answer that was due on it: a client that keeps its connection open would keep the office from
 * ending for a minute. To be called before the server listens.
 */
function closerOf(app: FastifyInstance): () => Promise<void> {
  let isClosing = false;
  app.addHook("onSend", async (_request, reply) => {
    if (isClosing) reply.header("connection", "close");
  });
  return async () => {
    isClosing = true;
    const timer = setTimeout(() => app.server.closeAllConnections(), STOP_LIMIT_MS);
    await app.close();
    clearTimeout(timer);
  };
}

/** Whoever has changed something may have left a mail, or another job, that is due at once. To be called before the server listens. */
function onChange(app: FastifyInstance, tell: () => void): void {
  app.addHook("onResponse", async ({ method }, { statusCode }) => {
    if (method === "POST" && statusCode < BAD_REQUEST) tell();
  });
}

/** Takes things down in the opposite order, each though another fails. */
class Teardown {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.unshift(step);
  }

  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0)) await step().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * @throws FolderInUseError, PortTakenError, OtherAddressError, OtherAuthorityError, OfficeKindError, NewerStoreError, AuthoritySettingsError,
 * CaKeyError, ClockBehindError, SealError
 */
export async function startOffice(config: OfficeConfig): Promise<RunningOffice> {
  const teardown = new Teardown();
  try {
    return await start(config, teardown);
  } catch (error) {
    await teardown.run().catch(() => {}); // what began it is told
    throw error;
  }
}

async function start(config: OfficeConfig, teardown: Teardown): Promise<RunningOffice> {
  const { clock, isDemo, first, progress } = config;
  const folder = new OfficeFolder(config.folder);
  folder.make();
  const store = await openStore(config, folder);
  teardown.add(() => store.close());
  await store.transaction((tx) => keepKind(tx, isDemo));
  if (config.fillDemo !== undefined) {
    progress("demo");
    await config.fillDemo(store, config);
  }
  progress("authority");
  const names = { publicUrl: `http://${config.host}:${config.port}`, organisation: first.organisation, country: first.country };
  const { authority, rootKeyFile } = await openAuthority(config.authorityFolder, names, config.publicUrl, clock);
  if (rootKeyFile !== null) config.authorityMade(authority.folder, rootKeyFile);
  const publicUrl = authority.names.publicUrl.replace(/\/+$/, "");
  const trust = {
    isDemo,
    get roots() {
      return [...folder.trustedRoots(), ...(isDemo ? config.simulatorRoots() : [])];
    },
  };
  const desk: IssuanceDesk = { store, authority, clock, trust };
  const applications: ApplicationDesk = { store, clock, sealing: openSealing(folder), publicUrl };
  const behind = await checkClock(store, authority, clock.now(), config.trustClock === true);
  const clockWarning = behind === null ? [] : [{ kind: "clock" as const, at: behind.at }];
  markAsOffices(authority);
  await adoptAuthority(desk);
  const auditKey = openAuditKey(folder);
  const auditPublicKey = createPublicKey(auditKey);
  const headFile = new HeadFile(folder.auditHeads);
  await scheduleOfficeJobs(desk);
  await signHeadNow(desk, { key: auditKey, file: headFile });
  const mailer = mailerOf(config, folder, publicUrl);
  const app = await createOfficeServer({
    store,
    clock,
    sealing: applications.sealing,
    publicUrl,
    revoking: {
      revoke: (id, order) => revoke(desk, id, order),
      revokeIn: (tx, id, order, now) => revokeIn(tx, desk.authority, id, order, now),
      revokeToken: (tx, serial, order, now) => revokeTokenIn(tx, desk.authority, serial, order, now),
      revokeKey: (tx, keyId, order, now) => revokeKeyIn(tx, desk.authority, keyId, order, now),
      trust,
    },
    auditKey: auditPublicKey,
    headFile,
    ocspKey: openOcspKey(join(authority.folder, OCSP_KEY_FILE)),
    ...(config.trustedProxies !== undefined && { trustedProxies: config.trustedProxies }),
    ...readTls(config.tls, [authority.root, ...authority.issuers.map(({ certificate }) => certificate)]),
    ...(config.logLevel !== undefined && { logLevel: config.logLevel }),
    ...(config.logTo !== undefined && { logTo: config.logTo }),
  });
  teardown.add(closerOf(app));
  const jobs: JobLoop[] = []; // from the moment that it listens, or a little later
  onChange(app, () => {
    for (const loop of jobs) loop.wake();
  });
  const warnings = [...clockWarning, ...authorityWarnings(authority, clock.now())];
  for (const warning of warnings) app.log.warn(warning, "at the start");
  addEnrolmentRoutes(app, desk, publicUrl);
  addActivationRoutes(app, { ...desk, ...applications });
  progress("listen");
  const address = await listen(app, config);
  const admin = await addAdminSocket({
    desk,
    folder,
    auditKey,
    headFile,
    publicUrl,
    address,
    since: clock.now().toISOString(),
    sealing: applications.sealing,
    failed: (error, what) => app.log.error({ err: error }, what),
  });
  teardown.add(() => admin.close());
  const handlers = officeJobs({ issuance: desk, applications, mailer }, { key: auditKey, file: headFile });
  const jobFailed = (error: unknown, job: Job | null): void => {
    app.log.error({ err: error, ...(job !== null && { job: job.kind, attempts: job.attempts }) }, "a job failed");
  };
  const keepUp = (): Promise<void> => keepHeads(desk, { key: auditKey, file: headFile });
  const order = { store, handlers, clock, everyMs: config.jobsEveryMs ?? JOBS_EVERY_MS, failed: jobFailed };
  const loops = [runJobLoop({ ...order, besides: keepUp, lane: OTHER_LANE }), runJobLoop({ ...order, lane: MAIL_LANE })];
  jobs.push(...loops);
  for (const loop of loops) teardown.add(() => loop.stop());
  // Last: a code that is made is also told.
  const firstCode = await prepareFirstOfficer(store, { ...first, timeZone: timeZone() }, clock.now());
  const hasOfficer = await hasActiveOfficer(store);
  const hasSocket = admin.isOurs();
  return { publicUrl, address, kind: store.kind, firstCode, hasOfficer, hasSocket, warnings, close: () => teardown.run() };
}

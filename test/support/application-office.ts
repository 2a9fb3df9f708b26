// The office's pages over the bench of applications, on a port of their own: mails leave at once, as files. Without a CA.

import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { folderMailer } from "../../office/mail/folder-mailer.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import { type JobLoop, runJobLoop } from "../../office/process/office-jobs.ts";
import type { Role } from "../../office/registration/roles.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { ApplicationBench } from "./application-bench.ts";
import { ApplicationClient } from "./application-client.ts";
import { freePort } from "./office-process.ts";
import { revokingWithoutCa } from "./office-rows.ts";
import type { STORE_KINDS } from "./office-stores.ts";
import { enrolledOfficer, type OfficerCookie, officerCookie } from "./officer-cookie.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const MAILS_EVERY_MS = 50;

interface Parts {
  readonly bench: ApplicationBench;
  readonly app: FastifyInstance;
  readonly jobs: JobLoop;
  readonly mails: string;
  /** Jobs that failed. */
  readonly failures: unknown[];
}

export class ApplicationOffice {
  readonly url: string;
  readonly #parts: Parts;
  #made = 0;

  private constructor(url: string, parts: Parts) {
    this.url = url;
    this.#parts = parts;
  }

  static async open(kind: (typeof STORE_KINDS)[number]): Promise<ApplicationOffice> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const bench = await ApplicationBench.open(kind, url);
    const { store, clock, sealing } = bench.desk;
    const app = await createOfficeServer({
      store,
      clock,
      sealing,
      publicUrl: url,
      revoking: revokingWithoutCa(store, clock.now),
      auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
      ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      logLevel: "silent",
    });
    await app.listen({ host: "127.0.0.1", port });
    const mails = join(temporaryFolder(), "mails");
    // Files are named by the time: a clock that stands still would leave them in any order.
    const mailer = folderMailer(mails, "office@localhost", { now: () => new Date() });
    const failures: unknown[] = [];
    const handlers = new Map([[MAIL_JOB, mailJob(sealing, mailer)]]);
    const failed = (error: unknown, job: { readonly kind: string } | null): void => {
      if (job === null || job.kind === MAIL_JOB) failures.push(error);
    };
    const jobs = runJobLoop({ store, handlers, clock, everyMs: MAILS_EVERY_MS, failed });
    return new ApplicationOffice(url, { bench, app, jobs, mails, failures });
  }

  get bench(): ApplicationBench {
    return this.#parts.bench;
  }

  get mails(): string {
    return this.#parts.mails;
  }

  get failures(): readonly unknown[] {
    return this.#parts.failures;
  }

  /** Somebody in a browser, with their mailbox proved. */
  applicant(email: string, language = "fr"): Promise<ApplicationClient> {
    return ApplicationClient.signIn(this.url, this.mails, email, language);
  }

  async officer(roles: readonly Role[]): Promise<OfficerCookie> {
    const { desk, officeId, associationId: organisationId, now } = this.bench;
    const order = { officeId, organisationId, roles, number: `officer-${++this.#made}` };
    return officerCookie(desk.store, await enrolledOfficer(desk.store, order, now), now);
  }

  /** What an officer does in a browser. */
  async asOfficer({ cookie, csrf }: OfficerCookie, path: string, fields: Readonly<Record<string, string>> | null = null) {
    const headers = { cookie, origin: this.url };
    const init =
      fields === null
        ? { headers }
        : {
            method: "POST",
            headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
            body: new URLSearchParams({ csrf, ...fields }).toString(),
          };
    const answer = await fetch(`${this.url}${path}`, { ...init, redirect: "manual" });
    return { status: answer.status, location: answer.headers.get("location") ?? "", text: await answer.text() };
  }

  async close(): Promise<void> {
    await this.#parts.jobs.stop();
    await this.#parts.app.close();
    await this.bench.close();
  }
}

// Appointments and checks on a store of either kind: verifiers, applicants, hours that are offered.

import { desc } from "drizzle-orm";
import { bookCheck } from "../../office/identity/booking.ts";
import { beginCheck } from "../../office/identity/checks.ts";
import { identityJobs } from "../../office/identity/identity-jobs.ts";
import { freeSlots } from "../../office/identity/identity-records.ts";
import { type Offer, offerSlots } from "../../office/identity/slots.ts";
import { type AnyJobHandler, runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import { auditEvents } from "../../office/store/schema.ts";
import { DossierBench } from "./dossier-bench.ts";
import type { STORE_KINDS } from "./office-stores.ts";
import { testSealing } from "./test-sealing.ts";

export class IdentityBench {
  readonly dossiers: DossierBench;
  readonly mailed: Mail[] = [];
  private day = 1;

  private constructor(dossiers: DossierBench) {
    this.dossiers = dossiers;
  }

  static async open(kind: (typeof STORE_KINDS)[number]): Promise<IdentityBench> {
    return new IdentityBench(await DossierBench.open(kind));
  }

  get desk(): DossierBench["desk"] {
    return this.dossiers.desk;
  }

  get db(): DossierBench["db"] {
    return this.dossiers.db;
  }

  offer(part: Partial<Offer> = {}): Promise<number> {
    const { officeId, verifierId } = this.dossiers;
    const hours = { day: "2026-12-01", from: "09:00", to: "10:00", everyMinutes: 30 };
    const order = { officeId, officerId: verifierId, kind: "video" as const, place: "https://video.example/room", ...hours, ...part };
    return offerSlots(this.desk, order);
  }

  /** An hour of a day of its own. @returns its id */
  async slot(part: Partial<Offer> = {}): Promise<string> {
    const day = new Date(Date.UTC(2027, 0, this.day++)).toISOString().slice(0, 10);
    await this.offer({ day, to: "09:30", ...part });
    const slots = await freeSlots(this.db, part.officeId ?? this.dossiers.officeId, this.dossiers.now);
    return slots.at(-1)?.id ?? "";
  }

  /** Submitted, nothing booked. */
  applicant() {
    return this.dossiers.dossier({ state: "submitted", verifierId: null, verifiedAt: null });
  }

  async booked() {
    const dossier = await this.applicant();
    const slotId = await this.slot();
    const checkId = await bookCheck(this.desk, { dossierId: dossier.id, accountId: dossier.accountId, slotId });
    return { dossier, slotId, checkId };
  }

  async begun(officerId = this.dossiers.verifierId) {
    const booked = await this.booked();
    await beginCheck(this.desk, { checkId: booked.checkId, officerId });
    return booked;
  }

  runJobs(): Promise<number> {
    const mailer = {
      send: async (mail: Mail) => {
        this.mailed.push(mail);
      },
    };
    return runDueJobs(
      this.desk.store,
      new Map<string, AnyJobHandler>([[MAIL_JOB, mailJob(testSealing, mailer)], ...identityJobs(this.desk)]),
      () => this.dossiers.now,
    );
  }

  /** Action and details of the newest audit events. */
  async audited(count = 1) {
    const columns = { action: auditEvents.action, actor: auditEvents.actor, subject: auditEvents.subject, details: auditEvents.details };
    return this.db.select(columns).from(auditEvents).orderBy(desc(auditEvents.number)).limit(count);
  }

  close(): Promise<void> {
    return this.dossiers.close();
  }
}

// Dossiers that officers decide about, on a store of either kind: an office with its officers, an association, a corporate account, applicants.

import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import type { ApplicationDesk } from "../../office/applications/application-desk.ts";
import type { Dossier } from "../../office/dossiers/dossiers.ts";
import { ACTIVATION_EXPIRE_JOB, activationExpiryJob } from "../../office/dossiers/prepare-activation.ts";
import { type AnyJobHandler, runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import type { Role } from "../../office/registration/roles.ts";
import { accounts, dossiers } from "../../office/store/application-schema.ts";
import { officerRoles, officers, offices, organisations, people } from "../../office/store/schema.ts";
import { openTestStore, type STORE_KINDS, type TestStore } from "./office-stores.ts";
import { testSealing } from "./test-sealing.ts";

interface Named {
  readonly givenName?: string;
  readonly surname?: string;
  readonly email?: string;
}

export class DossierBench {
  readonly desk: ApplicationDesk;
  /** What was mailed, after `runJobs`. */
  readonly mailed: Mail[] = [];
  now = new Date("2026-11-23T09:00:00Z");
  officeId = "";
  /** Association and corporate account, open. */
  associationId = "";
  companyId = "";
  /** An active one of each, and an approver who did nothing yet. */
  verifierId = "";
  approverId = "";
  private readonly bench: TestStore;
  private made = 0;

  private constructor(bench: TestStore) {
    this.bench = bench;
    this.desk = { store: bench.store, clock: { now: () => this.now }, sealing: testSealing, publicUrl: "https://office.example.org" };
  }

  static async open(kind: (typeof STORE_KINDS)[number]): Promise<DossierBench> {
    const bench = new DossierBench(await openTestStore(kind));
    const [office] = await bench.db
      .insert(offices)
      .values({ name: "Desk", timeZone: "Europe/Paris", createdAt: bench.now })
      .returning({ id: offices.id });
    bench.officeId = office?.id ?? "";
    bench.associationId = await bench.organisation("Ordre des notaires", "association");
    bench.companyId = await bench.organisation("Cabinet Faron", "company");
    bench.verifierId = await bench.officer(["verifier"], { givenName: "Bruno", surname: "Lefèvre" });
    bench.approverId = await bench.officer(["approver"], { givenName: "Chloé", surname: "Moreau" });
    return bench;
  }

  get db(): TestStore["store"]["db"] {
    return this.bench.store.db;
  }

  close(): Promise<void> {
    return this.bench.close();
  }

  async organisation(name: string, kind: "association" | "company"): Promise<string> {
    const values = { officeId: this.officeId, name, kind, country: "FR", state: "open" as const, createdAt: this.now };
    const [row] = await this.db.insert(organisations).values(values).returning({ id: organisations.id });
    return row?.id ?? "";
  }

  /** Active, with a person of its own. */
  async officer(roles: readonly Role[], named: Named = {}): Promise<string> {
    const number = `A${++this.made}`;
    const about = { givenName: `Agent${number}`, surname: "Durand", email: `agent.${number}@example.org`, ...named };
    const values = { ...about, organisationId: this.companyId, language: "fr", number, createdAt: this.now };
    const [person] = await this.db.insert(people).values(values).returning({ id: people.id });
    const [officer] = await this.db
      .insert(officers)
      .values({ personId: person?.id ?? "", state: "active", publicKey: new Uint8Array(randomBytes(65)), createdAt: this.now })
      .returning({ id: officers.id });
    const officerId = officer?.id ?? "";
    if (roles.length > 0) await this.db.insert(officerRoles).values(roles.map((role) => ({ officerId, officeId: this.officeId, role })));
    return officerId;
  }

  /** On one's own, identity verified by `verifierId` and paid, unless it is said otherwise. */
  async dossier(part: Partial<Dossier> = {}): Promise<Dossier> {
    const number = randomBytes(4).toString("hex").toUpperCase();
    const email = part.email ?? `irene.${number.toLowerCase()}@example.org`;
    const [account] = await this.db.insert(accounts).values({ email, language: "fr", createdAt: this.now }).returning({ id: accounts.id });
    const values = {
      number,
      officeId: this.officeId,
      accountId: account?.id ?? "",
      associationId: this.associationId,
      profile: "SIGN-LCP",
      state: "identity_verified" as const,
      givenName: "Irène",
      surname: `Faron-${number}`,
      email,
      phone: "+33 6 00 00 00 00",
      title: "Notaire",
      memberNumber: "75/0042",
      language: "fr",
      payment: "paid" as const,
      verifierId: this.verifierId,
      verifiedAt: this.now,
      createdAt: this.now,
      submittedAt: this.now,
      expiresAt: new Date(this.now.getTime() + 60 * 86_400_000),
      ...part,
    };
    const [row] = await this.db.insert(dossiers).values(values).returning();
    if (row === undefined) throw new Error("no dossier");
    return row;
  }

  async read(id: string): Promise<Dossier> {
    const [row] = await this.db.select().from(dossiers).where(eq(dossiers.id, id));
    if (row === undefined) throw new Error("no dossier");
    return row;
  }

  later(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
  }

  runJobs(): Promise<number> {
    const mailer = {
      send: async (mail: Mail) => {
        this.mailed.push(mail);
      },
    };
    const handlers = new Map<string, AnyJobHandler>([
      [MAIL_JOB, mailJob(testSealing, mailer)],
      [ACTIVATION_EXPIRE_JOB, activationExpiryJob(this.desk)],
    ]);
    return runDueJobs(this.desk.store, handlers, () => this.now);
  }
}

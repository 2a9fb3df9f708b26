// Activations at an office with a real certification authority, on a store of either kind: approved dossiers, reference numbers out of the mails, blank
// tokens, officers.

import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { desc, eq } from "drizzle-orm";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import type { ActivationDesk } from "../../office/activation/activation-desk.ts";
import { lapseJob } from "../../office/activation/lapse.ts";
import { RELEASE_EXPIRE_JOB, releaseExpiryJob } from "../../office/activation/secret-release.ts";
import { holdDossier } from "../../office/dossiers/dossiers.ts";
import { ACTIVATION_EXPIRE_JOB, activationExpiryJob, prepareActivation } from "../../office/dossiers/prepare-activation.ts";
import { setQuestions } from "../../office/dossiers/question-sets.ts";
import { QUESTIONS } from "../../office/dossiers/questions.ts";
import { UNPROVED_JOB } from "../../office/issuance/certificate-issuance.ts";
import { issuanceJobs } from "../../office/issuance/issuance-jobs.ts";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB } from "../../office/mail/outbox.ts";
import { type Officer, officer } from "../../office/registration/officers.ts";
import type { Role } from "../../office/registration/roles.ts";
import { accounts, dossiers, mails } from "../../office/store/application-schema.ts";
import { officerRoles, officers, offices, organisations } from "../../office/store/schema.ts";
import type { Store } from "../../office/store/store.ts";
import { IssuanceBench } from "./issuance-bench.ts";
import type { STORE_KINDS } from "./office-stores.ts";
import { SimulatedToken } from "./simulated-token.ts";
import { testSealing } from "./test-sealing.ts";

const [FIRST, SECOND, THIRD] = QUESTIONS;
export const ANSWERS = { [FIRST]: "Camille Le Goff", [SECOND]: "rue de l'Église", [THIRD]: "04 12 34 56 78" };
/** The same, as somebody else types them. */
export const ANSWERS_TYPED = { [FIRST]: "camille  LE GOFF", [SECOND]: "Rue de l’eglise", [THIRD]: "0412345678" };
export const WRONG_ANSWERS = { ...ANSWERS, [THIRD]: "04 12 34 56 79" };

export interface Applicant {
  readonly dossierId: string;
  readonly accountId: string;
  readonly personId: string;
  readonly email: string;
  /** As it is in the mail. */
  readonly reference: string;
}

export class ActivationBench {
  readonly desk: ActivationDesk;
  readonly issuance: IssuanceBench;
  readonly root: AttestationRoot;
  readonly officeId: string;
  readonly #folder: string;
  #made = 0;

  private constructor(issuance: IssuanceBench, root: AttestationRoot, folder: string, officeId: string, publicUrl: string) {
    this.issuance = issuance;
    this.root = root;
    this.officeId = officeId;
    this.#folder = folder;
    const trust = { roots: [new Uint8Array(root.certificate.rawData)], isDemo: true };
    this.desk = { ...issuance.desk, trust, sealing: testSealing, publicUrl };
  }

  static async open(kind: (typeof STORE_KINDS)[number], now: Date, publicUrl = "https://office.example"): Promise<ActivationBench> {
    const issuance = await IssuanceBench.open(kind, now);
    const folder = mkdtempSync(join(tmpdir(), "sceau-activation-"));
    const root = await createRoot(join(folder, "factory"), "test", now);
    const [office] = await issuance.store.db.select().from(offices);
    return new ActivationBench(issuance, root, folder, office?.id ?? "", publicUrl);
  }

  get store(): Store {
    return this.issuance.store;
  }

  async close(): Promise<void> {
    await this.issuance.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Approved, with a reference number on its way. */
  async approved(part: Partial<typeof dossiers.$inferInsert> = {}): Promise<Applicant> {
    const { db } = this.store;
    const number = String(++this.#made).padStart(8, "0");
    const email = `lea.${number}@example.org`;
    const names = { givenName: "Léa", surname: `Morel ${number}` };
    const personId = await this.issuance.person(names);
    const createdAt = this.issuance.now;
    const [account] = await db.insert(accounts).values({ email, language: "fr", createdAt }).returning({ id: accounts.id });
    const accountId = account?.id ?? "";
    await setQuestions(
      this.desk,
      accountId,
      Object.entries(ANSWERS).map(([question, answer]) => ({ question, answer })),
    );
    const values = {
      ...names,
      number,
      officeId: this.officeId,
      accountId,
      personId,
      email,
      profile: "SIGN-LCP",
      state: "approved" as const,
      phone: "+33 6 12 34 56 78",
      title: "Ingénieure",
      memberNumber: "12-345",
      language: "fr",
      payment: "paid" as const,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + 365 * 86_400_000),
      ...part,
    };
    const [dossier] = await db.insert(dossiers).values(values).returning({ id: dossiers.id });
    const dossierId = dossier?.id ?? "";
    await this.store.transaction(async (tx) => {
      await prepareActivation(tx, this.desk, await holdDossier(tx, dossierId), { actor: "system", now: this.issuance.now });
    });
    return { dossierId, accountId, personId, email, reference: await this.mailedReference(email) };
  }

  /** Of somebody's newest mail, before it has left. */
  async mail(recipient: string): Promise<Mail & { readonly template: string }> {
    const rows = await this.store.db.select().from(mails).where(eq(mails.recipient, recipient)).orderBy(desc(mails.createdAt));
    const newest = rows.find(({ sealed }) => sealed !== null);
    if (newest?.sealed == null) throw new Error("no mail waits");
    const mail = JSON.parse(Buffer.from(testSealing.open(`mail:${newest.id}`, newest.sealed)).toString()) as Mail;
    return { ...mail, template: newest.template };
  }

  /** Of all mails to somebody. */
  async templates(recipient: string): Promise<string[]> {
    return (await this.store.db.select().from(mails).where(eq(mails.recipient, recipient))).map(({ template }) => template);
  }

  async mailedReference(recipient: string): Promise<string> {
    const { text } = await this.mail(recipient);
    const [reference] = /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/.exec(text) ?? [];
    if (reference === undefined) throw new Error("a mail without a reference number");
    return reference;
  }

  /** With an attestation key of the factory that the office trusts, and nothing else. */
  async blankToken(): Promise<{ readonly token: SimulatedToken; readonly serial: string; readonly attestationIssuer: Uint8Array }> {
    const serial = 61_000_000 + ++this.#made;
    const token = new SimulatedToken(serial);
    const client = token.client();
    const attestationIssuer = await provisionToken(client, this.root, this.issuance.now);
    client.close();
    return { token, serial: String(serial), attestationIssuer };
  }

  async officer(roles: readonly Role[], names: { givenName?: string; surname?: string } = {}): Promise<Officer> {
    const { db } = this.store;
    const personId = await this.issuance.person({ givenName: "Anne", surname: `Agent ${++this.#made}`, ...names });
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
    const values = { personId, state: "active" as const, publicKey: key, createdAt: this.issuance.now };
    const [row] = await db.insert(officers).values(values).returning({ id: officers.id });
    const officerId = row?.id ?? "";
    await db.insert(officerRoles).values(roles.map((role) => ({ officerId, officeId: this.officeId, role })));
    return officer(db, officerId);
  }

  async dossier(id: string): Promise<typeof dossiers.$inferSelect> {
    const [row] = await this.store.db.select().from(dossiers).where(eq(dossiers.id, id));
    if (row === undefined) throw new Error("no such dossier");
    return row;
  }

  /** Those of issuance and activation; mails stay where they are. */
  runJobs(failed: (kind: string, error: unknown) => void = () => {}): Promise<number> {
    const handlers = new Map([
      ...issuanceJobs(this.desk),
      [UNPROVED_JOB, lapseJob(this.desk)] as const,
      [RELEASE_EXPIRE_JOB, releaseExpiryJob] as const,
      [ACTIVATION_EXPIRE_JOB, activationExpiryJob(this.desk)] as const,
      [MAIL_JOB, async () => {}] as const,
    ]);
    return runDueJobs(
      this.store,
      handlers,
      () => this.issuance.now,
      ({ kind }, error) => failed(kind, error),
    );
  }

  async closeOrganisation(): Promise<void> {
    await this.store.db.update(organisations).set({ state: "closed" });
  }

  /** @returns its id */
  async otherOffice(): Promise<string> {
    const values = { name: "Elsewhere", timeZone: "Europe/Paris", createdAt: this.issuance.now };
    const [row] = await this.store.db.insert(offices).values(values).returning({ id: offices.id });
    return row?.id ?? "";
  }
}

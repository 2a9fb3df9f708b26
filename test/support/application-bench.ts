// Rules of applications on a store of either kind: an office, an association, a clock that is set, accounts.

import type { ApplicationDesk } from "../../office/applications/application-desk.ts";
import { consentTo, documentsNow } from "../../office/dossiers/consents.ts";
import { beginDossier, type Details, saveDraft, submitDossier } from "../../office/dossiers/dossier-rules.ts";
import { setQuestions } from "../../office/dossiers/question-sets.ts";
import { QUESTIONS } from "../../office/dossiers/questions.ts";
import { addOffice, changeOrganisation, requestOrganisation } from "../../office/registration/organisations.ts";
import { accounts } from "../../office/store/application-schema.ts";
import { openTestStore, type STORE_KINDS, type TestStore } from "./office-stores.ts";
import { testSealing } from "./test-sealing.ts";

const START = new Date("2026-03-02T08:00:00Z");
const [FIRST, SECOND, THIRD] = QUESTIONS;

export const ANSWERS = [
  { question: FIRST, answer: "Camille Le Goff" },
  { question: SECOND, answer: "rue de l'Église" },
  { question: THIRD, answer: "04 12 34 56 78" },
] as const;
export const RIGHT_ANSWERS: Readonly<Record<string, string>> = Object.fromEntries(
  ANSWERS.map(({ question, answer }) => [question, answer]),
);

export const DETAILS: Omit<Details, "associationId"> = {
  givenName: "Léa",
  surname: "Morel",
  phone: "+33 6 12 34 56 78",
  title: "Ingénieure",
  memberNumber: "12-345",
  language: "fr",
};

export class ApplicationBench {
  readonly desk: ApplicationDesk;
  readonly officeId: string;
  readonly associationId: string;
  readonly #bench: TestStore;
  readonly #time: { now: Date };
  #made = 0;

  private constructor(bench: TestStore, time: { now: Date }, desk: ApplicationDesk, ids: { officeId: string; associationId: string }) {
    this.#bench = bench;
    this.#time = time;
    this.desk = desk;
    this.officeId = ids.officeId;
    this.associationId = ids.associationId;
  }

  static async open(kind: (typeof STORE_KINDS)[number], publicUrl = "https://office.example"): Promise<ApplicationBench> {
    const bench = await openTestStore(kind);
    const time = { now: START };
    const acting = { actor: "system", now: START };
    const ids = await bench.store.transaction(async (tx) => {
      const officeId = await addOffice(tx, { name: "Paris", timeZone: "Europe/Paris" }, acting);
      const order = { officeId, name: "Ordre des ingénieurs", country: "FR", kind: "association" as const };
      const associationId = await requestOrganisation(tx, order, acting);
      await changeOrganisation(tx, associationId, "open", acting);
      return { officeId, associationId };
    });
    const clock = { now: () => time.now };
    const desk = { store: bench.store, clock, sealing: testSealing, publicUrl };
    return new ApplicationBench(bench, time, desk, ids);
  }

  get now(): Date {
    return this.#time.now;
  }

  pass(ms: number): void {
    this.#time.now = new Date(this.#time.now.getTime() + ms);
  }

  async account(email = `account.${++this.#made}@example.org`): Promise<string> {
    const values = { email, language: "fr", createdAt: this.now };
    const [row] = await this.desk.store.db.insert(accounts).values(values).returning({ id: accounts.id });
    if (row === undefined) throw new Error("no account was made");
    return row.id;
  }

  begin(accountId: string): Promise<string> {
    return beginDossier(this.desk, { accountId, language: "fr", associationId: this.associationId });
  }

  details(): Details {
    return { ...DETAILS, associationId: this.associationId };
  }

  /** All that a draft needs before it is sent. */
  async filled(accountId: string): Promise<string> {
    const dossierId = await this.begin(accountId);
    await saveDraft(this.desk, { accountId, dossierId, details: this.details() });
    await setQuestions(this.desk, accountId, ANSWERS);
    return dossierId;
  }

  async submit(accountId: string, dossierId: string): Promise<void> {
    const shown = await documentsNow(this.desk.store.db, "fr");
    await submitDossier(this.desk, { accountId, dossierId, consents: shown.map(consentTo) });
  }

  async submitted(accountId: string): Promise<string> {
    const dossierId = await this.filled(accountId);
    await this.submit(accountId, dossierId);
    return dossierId;
  }

  close(): Promise<void> {
    return this.#bench.close();
  }
}

// Applicants of the demonstration, and what they and the officers do with an application: each step by the office's own function, at the office's moment.

import { proofText } from "../../host-bridge/activation/proof-text.ts";
import { accountOf } from "../accounts/account.ts";
import { activationCertificate, activationChallenge, activationSecrets, proveActivation } from "../activation/activating.ts";
import { openDeskSession } from "../activation/opening.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { consentTo, documentsNow } from "../dossiers/consents.ts";
import { approveDossier } from "../dossiers/decision.ts";
import { beginDossier, saveDraft, submitDossier } from "../dossiers/dossier-rules.ts";
import { invitationsFor } from "../dossiers/invitations.ts";
import { decidePayment } from "../dossiers/payment.ts";
import { type HashedAnswers, putQuestions } from "../dossiers/question-sets.ts";
import { bookCheck } from "../identity/booking.ts";
import { beginCheck, CHECKLIST, type CheckDecision, decideCheck } from "../identity/checks.ts";
import { freeSlots } from "../identity/identity-records.ts";
import { offerSlots } from "../identity/slots.ts";
import { PERSON_PROFILES } from "../issuance/profiles.ts";
import { officer } from "../registration/officers.ts";
import { type DemoOffice, days } from "./demo-office.ts";
import { mailboxFor } from "./demo-people.ts";

/** Where the office is. */
export const TIME_ZONE = "Europe/Paris";
const SLOT_MINUTES = 20;

export interface DemoStaff {
  readonly officeId: string;
  readonly associationId: string;
  /** Officers' ids. */
  readonly verifierId: string;
  readonly deputyId: string;
  readonly approverId: string;
  readonly issuerId: string;
}

export interface Applicant {
  readonly accountId: string;
  readonly email: string;
  readonly givenName: string;
  readonly surname: string;
  readonly dossierId: string;
}

export class DemoApplicants {
  readonly #office: DemoOffice;
  readonly #staff: DemoStaff;
  readonly #answers: HashedAnswers;
  #members = 0;

  /** @param answers everybody's: to hash three more for each of them would take longer than all the rest */
  constructor(office: DemoOffice, staff: DemoStaff, answers: HashedAnswers) {
    this.#office = office;
    this.#staff = staff;
    this.#answers = answers;
  }

  get #desk() {
    return this.#office.desk;
  }

  /** As if its mailbox had been proved: the code's hash and mail are left out. */
  account(name: string, language: "fr" | "en" = "fr"): Promise<{ readonly id: string; readonly email: string }> {
    return this.#desk.store.transaction(async (tx) => {
      const { at } = this.#office;
      const account = await accountOf(tx, mailboxFor(name), language, at);
      const subject = `account:${account.id}`;
      if (account.isNew) await appendAudit(tx, { at, actor: subject, action: "account.made", subject });
      return account;
    });
  }

  /** A form that was begun. @param name given name and surname, with a space between @param isInvited by a corporate account, which pays */
  async draft(name: string, language: "fr" | "en" = "fr", isInvited = false): Promise<Applicant> {
    const { id: accountId, email } = await this.account(name, language);
    const associationId = isInvited ? null : this.#staff.associationId;
    const [invitation] = isInvited ? await invitationsFor(this.#desk.store.db, { id: accountId, email }, this.#office.at) : [];
    const ground = invitation === undefined ? { associationId: this.#staff.associationId } : { invitationId: invitation.id };
    const dossierId = await beginDossier(this.#desk, { accountId, language, ...ground });
    const [givenName = "", ...rest] = name.split(" ");
    const surname = rest.join(" ");
    const about = isInvited
      ? { title: "", memberNumber: "" }
      : { title: "Ingénieur-conseil", memberNumber: `75-${String(++this.#members).padStart(4, "0")}` };
    const details = { givenName, surname, phone: "+33 6 12 34 56 78", language, associationId, ...about };
    await saveDraft(this.#desk, { accountId, dossierId, details });
    return { accountId, email, givenName, surname, dossierId };
  }

  /** Filled in and sent. */
  async apply(name: string, language: "fr" | "en" = "fr", isInvited = false): Promise<Applicant> {
    const applicant = await this.draft(name, language, isInvited);
    const { accountId, dossierId } = applicant;
    const { store } = this.#desk;
    const acting = { actor: `account:${accountId}`, now: this.#office.at };
    await store.transaction((tx) => putQuestions(tx, accountId, this.#answers, acting));
    const consents = (await documentsNow(store.db, language)).map(consentTo);
    await submitDossier(this.#desk, { accountId, dossierId, consents });
    return applicant;
  }

  /** 2026-11-22, where the office is. @param fromNow in days */
  #day(fromNow: number): string {
    return new Intl.DateTimeFormat("en-CA", { timeZone: TIME_ZONE, dateStyle: "short" }).format(
      new Date(this.#office.now.getTime() + days(fromNow)),
    );
  }

  /** A morning at the desk or an afternoon by video. @param fromNow in days */
  async offer(fromNow: number, kind: "desk" | "video"): Promise<void> {
    const { officeId, verifierId: officerId } = this.#staff;
    const [place, from, to] =
      kind === "desk" ? ["12 rue des Lilas, 75003 Paris", "09:00", "11:00"] : ["https://visio.exemple.fr/bureau", "14:00", "16:00"];
    await offerSlots(this.#desk, { officeId, officerId, kind, place, day: this.#day(fromNow), from, to, everyMinutes: SLOT_MINUTES });
  }

  /** The first hour that is free on that day. @param fromNow in days @returns the check's id */
  async book({ accountId, dossierId }: Applicant, fromNow: number): Promise<string> {
    const day = this.#day(fromNow);
    const format = new Intl.DateTimeFormat("en-CA", { timeZone: TIME_ZONE, dateStyle: "short" });
    const free = await freeSlots(this.#desk.store.db, this.#staff.officeId, this.#office.at);
    const slot = free.find(({ startsAt }) => format.format(startsAt) === day);
    if (slot === undefined) throw new Error(`nothing is free on ${day}`);
    return bookCheck(this.#desk, { dossierId, accountId, slotId: slot.id });
  }

  async begin(checkId: string): Promise<void> {
    await beginCheck(this.#desk, { checkId, officerId: this.#staff.verifierId });
  }

  async decide(checkId: string, decision: CheckDecision, note: string): Promise<void> {
    await this.begin(checkId);
    const seen = decision === "accept" ? CHECKLIST : CHECKLIST.filter((item) => item !== "document");
    await decideCheck(this.#desk, { checkId, officerId: this.#staff.verifierId, decision, seen, note });
  }

  async settle({ dossierId }: Applicant, decision: "pay" | "waive"): Promise<void> {
    const note = decision === "pay" ? "Carte, terminal du guichet, reçu 4711" : "Geste commercial : premier certificat du cabinet";
    await decidePayment(this.#desk, dossierId, { officerId: this.#staff.approverId, decision, note });
  }

  async approve({ dossierId }: Applicant): Promise<void> {
    await approveDossier(this.#desk, dossierId, {
      officerId: this.#staff.approverId,
      statusNote: "Annuaire de l'ordre : inscription en cours",
    });
  }

  /** At the desk. @param name of the token @returns its serial number and the certificate's id */
  async activate(
    { dossierId }: Applicant,
    name: string,
    isProved = true,
  ): Promise<{ readonly serial: string; readonly certificateId: string }> {
    const desk = this.#desk;
    const { session } = await openDeskSession(desk, dossierId, await officer(desk.store.db, this.#staff.issuerId));
    return this.#office.withToken(name, async (token) => {
      const { slot } = PERSON_PROFILES["SIGN-LCP"];
      const evidence = await token.makeKey(slot);
      await activationSecrets(desk, session, token.serial, token.secrets);
      const challenge = await activationChallenge(desk, session, evidence);
      const request = await token.request(slot, challenge);
      const { id, certificate } = await activationCertificate(desk, session, { request, evidence });
      await token.writeCertificate(slot, certificate);
      if (isProved) await proveActivation(desk, session, await token.sign(slot, proofText(certificate)));
      return { serial: token.serial, certificateId: id };
    });
  }
}

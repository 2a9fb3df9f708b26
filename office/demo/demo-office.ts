// The demonstration's office at a moment that is moved: officers with tokens, holders, and what falls due in between.

import { proofText } from "../../host-bridge/activation/proof-text.ts";
import type { ActivationDesk } from "../activation/activation-desk.ts";
import { lapseJob } from "../activation/lapse.ts";
import { RELEASE_EXPIRE_JOB, releaseExpiryJob } from "../activation/secret-release.ts";
import { DOSSIER_EXPIRY_JOB, dossierExpiryJob } from "../dossiers/dossier-expiry.ts";
import { ACTIVATION_EXPIRE_JOB, activationExpiryJob } from "../dossiers/prepare-activation.ts";
import { beginEnrolment, finishEnrolment } from "../enrolment/enrolment.ts";
import { identityJobs } from "../identity/identity-jobs.ts";
import { fingerprintOfRoot } from "../issuance/attested-key.ts";
import { type IssuedCertificate, issue, UNPROVED_JOB } from "../issuance/certificate-issuance.ts";
import { type Clock, DAY_MS, later } from "../issuance/clock.ts";
import { issueChallenge } from "../issuance/issuance-challenge.ts";
import { issuanceJobs } from "../issuance/issuance-jobs.ts";
import { PERSON_PROFILES, type PersonProfile } from "../issuance/profiles.ts";
import { prove } from "../issuance/proof.ts";
import { type AnyJobHandler, type JobHandlers, runDueJobs } from "../jobs/jobs.ts";
import type { Mailer } from "../mail/mail.ts";
import { MAIL_JOB, mailJob } from "../mail/outbox.ts";
import { type Acting, inviteOfficer } from "../registration/officers.ts";
import { addPerson, changeOrganisation, requestOrganisation } from "../registration/organisations.ts";
import { addToken, changeToken } from "../registration/tokens.ts";
import type { DemoOfficer } from "./demo-officers.ts";
import type { DemoToken, DemoTokens } from "./demo-tokens.ts";

export const SYSTEM = "system";
const COUNTRY = "FR";

export interface DemoParts extends Omit<ActivationDesk, "clock" | "trust"> {
  /** Mails of the past leave by it, with their dates. */
  readonly mailer: (clock: Clock) => Mailer;
  readonly tokens: DemoTokens;
  /** When all of it is looked at. */
  readonly now: Date;
}

/** Everybody whose certificate is made here has a person's number from this one on. */
const FIRST_NUMBER = 1001;

export class DemoOffice {
  readonly desk: ActivationDesk;
  readonly now: Date;
  readonly tokens: DemoTokens;
  #at: Date;
  readonly #jobs: JobHandlers;
  #nextNumber = FIRST_NUMBER;

  constructor({ mailer, tokens, now, ...parts }: DemoParts, at: Date) {
    this.now = now;
    this.tokens = tokens;
    this.#at = at;
    this.desk = { ...parts, clock: { now: () => this.#at }, trust: { roots: [tokens.root], isDemo: true } };
    this.#jobs = new Map<string, AnyJobHandler>([
      ...issuanceJobs(this.desk),
      ...identityJobs(this.desk),
      [UNPROVED_JOB, lapseJob(this.desk)],
      [RELEASE_EXPIRE_JOB, releaseExpiryJob],
      [DOSSIER_EXPIRY_JOB, dossierExpiryJob],
      [ACTIVATION_EXPIRE_JOB, activationExpiryJob(this.desk)],
      [MAIL_JOB, mailJob(parts.sealing, mailer(this.desk.clock))],
    ]);
  }

  get at(): Date {
    return this.#at;
  }

  get acting(): Acting {
    return { actor: SYSTEM, now: this.#at };
  }

  /** It is so long before now; what has fallen due until then was done then. */
  async moveTo(beforeNowMs: number): Promise<void> {
    this.#at = later(this.now, -beforeNowMs);
    await runDueJobs(
      this.desk.store,
      this.#jobs,
      () => this.#at,
      (job, error) => {
        throw new Error(`the demonstration's job ${job.kind} failed`, { cause: error });
      },
    );
  }

  /** Mails of this moment leave, and what else is due. */
  async settle(): Promise<void> {
    await this.moveTo(this.now.getTime() - this.#at.getTime());
  }

  async organisation(officeId: string, name: string, kind: "company" | "association" = "company"): Promise<string> {
    return this.desk.store.transaction(async (tx) => {
      const id = await requestOrganisation(tx, { officeId, name, country: COUNTRY, kind }, this.acting);
      await changeOrganisation(tx, id, "open", this.acting);
      return id;
    });
  }

  person(organisationId: string, givenName: string, surname: string): Promise<string> {
    const number = String(this.#nextNumber++);
    const email = `personne.${number}@exemple.fr`;
    return this.desk.store.transaction((tx) =>
      addPerson(tx, { organisationId, givenName, surname, email, language: "fr", number }, this.acting),
    );
  }

  /** @returns the officer's id */
  async officer(organisationId: string, officeId: string, { givenName, surname, roles, token: name }: DemoOfficer): Promise<string> {
    const personId = await this.person(organisationId, givenName, surname);
    const assignments = roles.map((role) => ({ officeId, role }));
    const { link: code, officerId } = await this.desk.store.transaction((tx) => inviteOfficer(tx, personId, assignments, this.acting));
    await this.withToken(name, async (token) => {
      const { slot } = PERSON_PROFILES.AUTH;
      const evidence = await token.makeKey(slot);
      const { challenge } = await beginEnrolment(this.desk, code, evidence);
      const issued = await finishEnrolment(this.desk, { code, evidence, request: await token.request(slot, challenge) });
      await token.writeCertificate(slot, issued.certificate);
      await this.#prove(token, issued);
    });
    return officerId;
  }

  /** A holder whom the office certified without an application, as offices do that had certificates before. */
  async holder(officeId: string, personId: string, name: string, profile: PersonProfile): Promise<IssuedCertificate> {
    return this.withToken(name, async (token) => {
      const { serial, model, firmware } = token;
      const rootFingerprint = fingerprintOfRoot(this.tokens.root);
      await this.desk.store.transaction(async (tx) => {
        await addToken(tx, { serial, officeId, model, firmware, rootFingerprint }, this.acting);
        await changeToken(tx, serial, "format", this.acting);
        await changeToken(tx, serial, "assign", this.acting, personId);
      });
      const { slot } = PERSON_PROFILES[profile];
      const evidence = await token.makeKey(slot);
      const { challenge } = await issueChallenge(this.desk, { personId, tokenSerial: serial, profile, actor: SYSTEM });
      const issued = await issue(this.desk, { request: await token.request(slot, challenge), evidence, actor: SYSTEM });
      await token.writeCertificate(slot, issued.certificate);
      await this.#prove(token, issued);
      return issued;
    });
  }

  /** Plugged in meanwhile. */
  async withToken<T>(name: string, use: (token: DemoToken) => Promise<T>): Promise<T> {
    const token = await this.tokens.make(name);
    try {
      return await use(token);
    } finally {
      await token.unplug();
    }
  }

  async #prove(token: DemoToken, { id, certificate, profile }: IssuedCertificate): Promise<void> {
    const signature = await token.sign(PERSON_PROFILES[profile].slot, proofText(certificate));
    await prove(this.desk, { certificateId: id, signature, actor: SYSTEM });
  }
}

export const days = (count: number): number => count * DAY_MS;

// A demonstration's content: two organisations, an officer of each role, and certificates in every state, all made by the office's own functions, some of
// them years ago. The tokens are whoever's who calls: this folder knows no simulator.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import { beginEnrolment, finishEnrolment } from "../enrolment/enrolment.ts";
import { fingerprintOfRoot, type KeyEvidence } from "../issuance/attested-key.ts";
import { adoptAuthority } from "../issuance/authority-adoption.ts";
import type { AuthorityFolder } from "../issuance/authority-folder.ts";
import { establishUnattended } from "../issuance/built-in-ca.ts";
import { CaCeremony } from "../issuance/ca-ceremony.ts";
import { type IssuedCertificate, issue } from "../issuance/certificate-issuance.ts";
import { DAY_MS, yearsLater } from "../issuance/clock.ts";
import { issueChallenge } from "../issuance/issuance-challenge.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { issuanceJobs } from "../issuance/issuance-jobs.ts";
import { PERSON_PROFILES, type PersonProfile } from "../issuance/profiles.ts";
import { prove } from "../issuance/proof.ts";
import { revoke } from "../issuance/revocation.ts";
import { randomPassphraseFile } from "../issuance/root-key-export.ts";
import type { AuthorityNames } from "../issuance/subject.ts";
import { runDueJobs } from "../jobs/jobs.ts";
import { type Acting, inviteOfficer } from "../registration/officers.ts";
import { addOffice, addPerson, changeOrganisation, requestOrganisation } from "../registration/organisations.ts";
import { ROLES, type Role } from "../registration/roles.ts";
import { addToken, changeToken } from "../registration/tokens.ts";
import { offices } from "../store/schema.ts";
import type { Store } from "../store/store.ts";

/** A token in somebody's hand. */
export interface DemoToken {
  readonly serial: string;
  readonly model: string;
  /** MAJOR.MINOR.PATCH */
  readonly firmware: string;
  /** Makes a key in a slot. @returns what the token says of it */
  makeKey(slot: number): Promise<KeyEvidence>;
  /** PKCS#10 by the key in the slot, DER. */
  request(slot: number, challenge: string): Promise<Uint8Array>;
  /** ECDSA with SHA-256 by the key in the slot, DER. */
  sign(slot: number, text: Uint8Array): Promise<Uint8Array>;
  writeCertificate(slot: number, certificate: Uint8Array): Promise<void>;
  unplug(): Promise<void>;
}

export interface DemoTokens {
  /** The root that vouches for them, DER. */
  readonly root: Uint8Array;
  /** A new token that left the factory long ago. */
  make(name: string): Promise<DemoToken>;
}

/** Longer ago than a certificate of the SIGN profile lives. */
const EXPIRED_SINCE_DAYS = 40;
const YEARS = 3;
const SYSTEM = "system";

/** When the demonstration's office began. */
export const demoStart = (now: Date): Date => new Date(yearsLater(now, -YEARS).getTime() - EXPIRED_SINCE_DAYS * DAY_MS);
export const demoTokenName = (role: Role): string => `demo-${role}`;

const OFFICERS: Readonly<Record<Role, readonly [givenName: string, surname: string]>> = {
  administrator: ["Anne", "Martin"],
  verifier: ["Bruno", "Lefèvre"],
  approver: ["Chloé", "Moreau"],
  issuer: ["Denis", "Garçon"],
  helpdesk: ["Élise", "Œuvrard"],
  auditor: ["Farid", "Benali"],
};

export interface DemoOptions {
  readonly store: Store;
  readonly authorityFolder: string;
  readonly publicUrl: string;
  readonly now: Date;
  readonly tokens: DemoTokens;
}

/** The office at the moment that `at` says. */
class DemoOffice {
  at: Date;
  readonly desk: IssuanceDesk;
  readonly #tokens: DemoTokens;
  #people = 0;

  constructor(store: Store, authority: AuthorityFolder, tokens: DemoTokens, at: Date) {
    this.at = at;
    this.#tokens = tokens;
    this.desk = { store, authority, clock: { now: () => this.at }, trust: { roots: [tokens.root], isDemo: true } };
  }

  get #acting(): Acting {
    return { actor: SYSTEM, now: this.at };
  }

  async organisation(officeId: string, name: string, kind: "company" | "association" = "company"): Promise<string> {
    return this.desk.store.transaction(async (tx) => {
      const id = await requestOrganisation(tx, { officeId, name, country: "FR", kind }, this.#acting);
      await changeOrganisation(tx, id, "open", this.#acting);
      return id;
    });
  }

  person(organisationId: string, givenName: string, surname: string): Promise<string> {
    const number = String(1000 + ++this.#people);
    const email = `personne.${number}@exemple.fr`;
    return this.desk.store.transaction((tx) =>
      addPerson(tx, { organisationId, givenName, surname, email, language: "fr", number }, this.#acting),
    );
  }

  async officer(organisationId: string, officeId: string, role: Role): Promise<void> {
    const personId = await this.person(organisationId, ...OFFICERS[role]);
    const { link: code } = await this.desk.store.transaction((tx) => inviteOfficer(tx, personId, [{ officeId, role }], this.#acting));
    const token = await this.#tokens.make(demoTokenName(role));
    try {
      const { slot } = PERSON_PROFILES.AUTH;
      const evidence = await token.makeKey(slot);
      const { challenge } = await beginEnrolment(this.desk, code, evidence);
      const issued = await finishEnrolment(this.desk, { code, evidence, request: await token.request(slot, challenge) });
      await token.writeCertificate(slot, issued.certificate);
      await this.#prove(token, issued);
    } finally {
      await token.unplug();
    }
  }

  /** A holder with a certificate. @param isProved else it stays `issued` */
  async holder(officeId: string, personId: string, name: string, profile: PersonProfile, isProved = true): Promise<IssuedCertificate> {
    const token = await this.#tokens.make(name);
    try {
      const { serial, model, firmware } = token;
      const rootFingerprint = fingerprintOfRoot(this.#tokens.root);
      await this.desk.store.transaction(async (tx) => {
        await addToken(tx, { serial, officeId, model, firmware, rootFingerprint }, this.#acting);
        await changeToken(tx, serial, "format", this.#acting);
        await changeToken(tx, serial, "assign", this.#acting, personId);
      });
      const { slot } = PERSON_PROFILES[profile];
      const evidence = await token.makeKey(slot);
      const { challenge } = await issueChallenge(this.desk, { personId, tokenSerial: serial, profile, actor: SYSTEM });
      const issued = await issue(this.desk, { request: await token.request(slot, challenge), evidence, actor: SYSTEM });
      await token.writeCertificate(slot, issued.certificate);
      if (isProved) await this.#prove(token, issued);
      return issued;
    } finally {
      await token.unplug();
    }
  }

  async #prove(token: DemoToken, { id, certificate, profile }: IssuedCertificate): Promise<void> {
    const signature = await token.sign(PERSON_PROFILES[profile].slot, proofText(certificate));
    await prove(this.desk, { certificateId: id, signature, actor: SYSTEM });
  }
}

/** The authority, made when the office began; its root's CRL is of today, since nobody had to fetch the key from a safe. */
async function makeAuthority({
  authorityFolder,
  publicUrl,
  now,
}: DemoOptions): Promise<{ authority: AuthorityFolder; publishToday(): Promise<void> }> {
  const start = demoStart(now);
  const names: AuthorityNames = { publicUrl, organisation: "Sceau Démonstration", country: "FR" };
  const { authority, record } = await establishUnattended(authorityFolder, names, { now: () => start });
  const { file } = record.rootKey;
  const publishToday = async (): Promise<void> => {
    const passphrase = readFileSync(randomPassphraseFile(file), "utf8").trim();
    await new CaCeremony(authorityFolder, { now: () => now }).renewRootCrl({
      rootKey: { file, passphrase, isRandom: true },
      witnesses: [],
    });
  };
  return { authority, publishToday };
}

/** Fills a store that is empty. @returns false: there was an office in it already */
export async function fillDemo(options: DemoOptions): Promise<boolean> {
  const { store, now, tokens } = options;
  const [known] = await store.db.select({ id: offices.id }).from(offices).limit(1);
  if (known !== undefined) return false;
  const { authority, publishToday } = await makeAuthority(options);
  const demo = new DemoOffice(store, authority, tokens, demoStart(now));
  await adoptAuthority(demo.desk);
  const officeId = await store.transaction((tx) =>
    addOffice(tx, { name: "Bureau de Paris", timeZone: "Europe/Paris" }, { actor: SYSTEM, now: demo.at }),
  );
  const home = await demo.organisation(officeId, "Ordre de démonstration", "association");
  const firm = await demo.organisation(officeId, "Cabinet Lumière");
  await demo.holder(officeId, await demo.person(firm, "Gaëlle", "Périgord"), "demo-expired", "SIGN-LCP");
  demo.at = new Date(now.getTime() - 20 * DAY_MS);
  await publishToday();
  await adoptAuthority(demo.desk);
  for (const role of ROLES) await demo.officer(home, officeId, role);
  await demo.holder(officeId, await demo.person(firm, "Hugo", "Lumière"), "demo-active", "SIGN-QCP");
  const lost = await demo.holder(officeId, await demo.person(firm, "Inès", "Cœur"), "demo-revoked", "SIGN-LCP");
  demo.at = new Date(now.getTime() - DAY_MS);
  await revoke(demo.desk, lost.id, { reason: "key-compromise", channel: "holder", officerId: null, actor: SYSTEM });
  await demo.holder(officeId, await demo.person(firm, "Jean-Luc", "Châtelain"), "demo-issued", "SIGN-LCP", false);
  demo.at = now;
  await adoptAuthority(demo.desk);
  await runDueJobs(store, issuanceJobs(demo.desk), () => now);
  return true;
}

/** Where the root of the demonstration's tokens is put, so that the office trusts it. */
export const demoTrustFile = (trustFolder: string): string => join(trustFolder, "demo.pem");

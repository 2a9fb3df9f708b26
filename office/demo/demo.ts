// A demonstration's content, made by the office's own functions, some of it years ago: organisations, officers, certificates and applications in every
// state. The tokens are whoever's who calls.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answerCode, askCode } from "../accounts/mailbox-codes.ts";
import { MailboxError } from "../accounts/mailbox-error.ts";
import { MAILBOX_TRIES } from "../accounts/mailbox-lock.ts";
import { askRelease } from "../activation/secret-release.ts";
import { hashAnswers } from "../dossiers/question-sets.ts";
import { QUESTIONS } from "../dossiers/questions.ts";
import { adoptAuthority } from "../issuance/authority-adoption.ts";
import type { AuthorityFolder } from "../issuance/authority-folder.ts";
import { establishUnattended } from "../issuance/built-in-ca.ts";
import { CaCeremony } from "../issuance/ca-ceremony.ts";
import { type Clock, HOUR_MS, yearsLater } from "../issuance/clock.ts";
import { randomPassphraseFile } from "../issuance/root-key-export.ts";
import type { AuthorityNames } from "../issuance/subject.ts";
import type { Mailer } from "../mail/mail.ts";
import { officer } from "../registration/officers.ts";
import { addOffice } from "../registration/organisations.ts";
import type { Sealing } from "../sealing/sealing.ts";
import { offices } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { DemoApplicants, type DemoStaff, TIME_ZONE } from "./demo-applicants.ts";
import { accountsNow, firstAccounts } from "./demo-corporate.ts";
import { firstWave, secondWave } from "./demo-dossiers.ts";
import { DemoOffice, days } from "./demo-office.ts";
import { DEMO_DEPUTY, DEMO_OFFICERS, demoTokenName } from "./demo-officers.ts";
import type { DemoTokens } from "./demo-tokens.ts";

const YEARS = 3;
/** Longer ago than a certificate of the SIGN profile lives. */
const EXPIRED_SINCE_MS = days(40);
/** When its officers came; a draft of that day has ended by the clock meanwhile. */
const STAFFED_MS = days(40);

/** When the demonstration's office began. */
export const demoStart = (now: Date): Date => new Date(yearsLater(now, -YEARS).getTime() - EXPIRED_SINCE_MS);

/** Where the root of the demonstration's tokens is put, so that the office trusts it. */
export const demoTrustFile = (trustFolder: string): string => join(trustFolder, "demo.pem");

/** What everybody answers to their three questions: the word, and the number of the question on the page. */
export const demoAnswers = (word: string): string[] => [1, 2, 3].map((number) => `${word}-${number}`);

export interface DemoOptions {
  readonly store: Store;
  readonly authorityFolder: string;
  readonly publicUrl: string;
  readonly now: Date;
  readonly tokens: DemoTokens;
  readonly sealing: Sealing;
  /** Mails of the past leave by it, with their dates. */
  readonly mailer: (clock: Clock) => Mailer;
  /** Of the applicants' answers. */
  readonly answerWord: string;
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

async function staff(demo: DemoOffice, officeId: string, associationId: string): Promise<DemoStaff> {
  const ids = new Map<string, string>();
  for (const each of DEMO_OFFICERS) ids.set(each.token, await demo.officer(associationId, officeId, each));
  const idOf = (token: string): string => ids.get(token) ?? "";
  return {
    officeId,
    associationId,
    verifierId: idOf(demoTokenName("verifier")),
    deputyId: idOf(DEMO_DEPUTY.token),
    approverId: idOf(demoTokenName("approver")),
    issuerId: idOf(demoTokenName("issuer")),
  };
}

/** Somebody has typed five wrong codes: the helpdesk has something to unlock. */
async function lockMailbox({ desk, at }: DemoOffice, email: string): Promise<void> {
  const from = "127.0.0.1";
  const secret = await askCode(desk, { email, language: "fr", from }, at);
  for (let tries = 0; tries < MAILBOX_TRIES; tries++) {
    await answerCode(desk, { secret, code: "no code", from }, "fr", at).catch((error: unknown) => {
      if (!(error instanceof MailboxError)) throw error;
    });
  }
}

async function fillApplications(demo: DemoOffice, who: DemoStaff, { answerWord }: DemoOptions): Promise<void> {
  const given = demoAnswers(answerWord).map((answer, index) => ({ question: QUESTIONS[index] ?? "", answer }));
  const applicants = new DemoApplicants(demo, who, await hashAnswers(given));
  const open = await firstAccounts(demo, who, applicants);
  const { serial, certificateId } = await firstWave(demo, who, applicants);
  await demo.moveTo(days(9)); // a number and a draft have come to their ends
  await secondWave(demo, applicants, certificateId);
  await accountsNow(demo, who, applicants, open);
  await demo.moveTo(HOUR_MS);
  const { db } = demo.desk.store;
  await askRelease(demo.desk, serial, "Le titulaire a oublié son PIN ; il est au guichet.", await officer(db, who.issuerId));
  await lockMailbox(demo, (await applicants.account("Thomas Roy")).email);
}

/** Fills a store that is empty. @returns false: there was an office in it already */
export async function fillDemo(options: DemoOptions): Promise<boolean> {
  const { store, now, tokens, sealing, publicUrl, mailer } = options;
  const [known] = await store.db.select({ id: offices.id }).from(offices).limit(1);
  if (known !== undefined) return false;
  const { authority, publishToday } = await makeAuthority(options);
  const demo = new DemoOffice({ store, authority, sealing, publicUrl, mailer, tokens, now }, demoStart(now));
  await adoptAuthority(demo.desk);
  const { acting } = demo;
  const officeId = await store.transaction((tx) => addOffice(tx, { name: "Bureau de Paris", timeZone: TIME_ZONE }, acting));
  const associationId = await demo.organisation(officeId, "Ordre de démonstration", "association");
  const firm = await demo.organisation(officeId, "Cabinet Lumière");
  await demo.holder(officeId, await demo.person(firm, "Gaëlle", "Périgord"), "demo-expired", "SIGN-LCP");
  await publishToday();
  await demo.moveTo(STAFFED_MS);
  await adoptAuthority(demo.desk);
  const who = await staff(demo, officeId, associationId);
  await demo.holder(officeId, await demo.person(firm, "Hugo", "Lumière"), "demo-active", "SIGN-QCP");
  await fillApplications(demo, who, options);
  await demo.moveTo(0);
  await adoptAuthority(demo.desk);
  await demo.settle();
  return true;
}

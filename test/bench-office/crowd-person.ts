// Somebody of the crowd, with a mailbox, a computer and a blank token: applies, books, waits for two officers, activates (S1, S9 to S15). Some lose their
// computer in the middle of the activation, and begin it again on another.

import { randomBytes, randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ActivationStep, activateToken } from "../../host-bridge/activation/activate-token.ts";
import type { ActivationOffice, IssuedCertificate, KeyEvidence } from "../../host-bridge/activation/activation-office.ts";
import { ActivationOverHttp, answerActivation, openActivation } from "../../host-bridge/office-client/activation-over-http.ts";
import type { NewSecrets } from "../../host-bridge/token/initialise.ts";
import { OBJECT_SIGNATURE_CERTIFICATE } from "../../protocol/piv.ts";
import { ANSWERS_BY_QUESTION, ApplicationClient } from "../support/application-client.ts";
import { jpeg } from "../support/evidence-files.ts";
import { ascii, PIN, type SimulatedToken } from "../support/simulated-token.ts";
import type { CrowdStep } from "./crowd-steps.ts";
import type { Ledger } from "./ledger.ts";
import type { MailRoom } from "./mail-room.ts";
import { ProxiedComputer, ProxiedHttp, type ProxiedOffice } from "./proxied-computer.ts";

const CODE = /\b(\d{4} ?\d{4})\b/;
const REFERENCE = /\b([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\b/;
/** Hours of somebody else's choice, one after the other: more often, and something else is wrong. */
const MAX_CHOICES = 10;
/** A request on its way, and perhaps in the office's transaction. */
const IN_FLIGHT_MS = 8;

/**
 * Where somebody's computer is gone: the key is made and the office does not know it; the request for the certificate is on its way; the certificate is
 * on the token, and its possession not proven.
 */
export const CUTS = ["before the certificate", "while the certificate is asked for", "before the proof"] as const;
export type Cut = (typeof CUTS)[number];

class CutOffError extends Error {
  override readonly name = "CutOffError";
}

export interface PersonParts {
  readonly office: ProxiedOffice;
  /** From 0; names, mailbox and address are made of it. */
  readonly number: number;
  readonly mails: MailRoom;
  readonly ledger: Ledger<CrowdStep>;
  /** With an attestation key, and nothing else. */
  readonly token: SimulatedToken;
  readonly cut: Cut | null;
}

/** In each one's e-mail address: the demonstration has applicants of its own. */
export const CROWD = "foule";

/** Names have no digits. */
const letters = (number: number): string => [...String(number).padStart(3, "0")].map((digit) => "abcdefghij"[Number(digit)]).join("");

/** The stepper of the applicant's own page (S11). @param steps of the four, and how many more may be done already */
async function requireDone(browser: ApplicationClient, dossierId: string, steps: number, more = 0): Promise<void> {
  const { text } = await browser.get(`/my/dossiers/${dossierId}`);
  const done = text.split('<li class="done"').length - 1;
  if (done < steps || done > steps + more) throw new Error(`the stepper shows ${done} steps that are done, not ${steps}`);
}

export class CrowdPerson {
  readonly email: string;
  readonly token: SimulatedToken;
  /** Hours that somebody else had booked meanwhile. */
  choicesAgain = 0;
  wasCut = false;
  readonly #parts: PersonParts;
  readonly #ledger: Ledger<CrowdStep>;
  #computer: ProxiedComputer;
  /** On this person's disk: it outlives a computer's crash. */
  #secrets: NewSecrets | null = null;

  constructor(parts: PersonParts) {
    this.#parts = parts;
    this.#ledger = parts.ledger;
    this.token = parts.token;
    this.email = `${CROWD}.${letters(parts.number)}@example.org`;
    this.#computer = new ProxiedComputer(parts.office, parts.number, parts.ledger);
  }

  /** All of it. @returns the dossier's id */
  async become(): Promise<string> {
    const startMs = performance.now();
    const browser = await this.#signIn();
    const dossierId = await this.#apply(browser);
    await requireDone(browser, dossierId, 1, 2); // the officers may have been quicker than this look
    const reference = await this.#waited("checked, approved, the number's mail", () => this.#parts.mails.wait(this.email, REFERENCE));
    await requireDone(browser, dossierId, 3);
    const { cut } = this.#parts;
    if (cut !== null) await this.#cutOff(reference, cut);
    await this.#activate(reference, null);
    this.#ledger.time("from the mailbox to the active certificate", performance.now() - startMs);
    await requireDone(browser, dossierId, 4);
    this.#computer.close();
    return dossierId;
  }

  async #signIn(): Promise<ApplicationClient> {
    const { office, number, mails } = this.#parts;
    const { email } = this;
    const browser = ApplicationClient.visitor(office.publicUrl, "", email, number % 2 === 0 ? "fr" : "en", this.#computer.fetch);
    await browser.done("/account/sign-in", { email, next: "/account" });
    const code = await this.#waited("the code's mail", () => mails.wait(email, CODE));
    await browser.done("/account/code", { code, next: "/account" });
    return browser;
  }

  async #apply(browser: ApplicationClient): Promise<string> {
    const { number } = this.#parts;
    const name = letters(number);
    const details = { surname: `Morel-${name}`, memberNumber: `12-${number}`, language: number % 2 === 0 ? "fr" : "en" };
    const dossierId = await browser.apply(details);
    await this.#book(browser, dossierId);
    const { status } = await browser.sendEvidence(dossierId, "document-front", jpeg());
    if (status !== 303) throw new Error(`evidence: ${status}`);
    return dossierId;
  }

  /** Any hour that is free on the last day, the crowd's own; when somebody was quicker, another one. */
  async #book(browser: ApplicationClient, dossierId: string): Promise<void> {
    const path = `/my/dossiers/${dossierId}/appointment`;
    let { text, status } = await browser.get(path);
    for (let choice = 0; choice < MAX_CHOICES; choice++) {
      const day = text.split("<legend>").at(-1) ?? "";
      const free = [...day.matchAll(/name="slot" value="([0-9a-f-]{36})"/g)].map(([, id = ""]) => id);
      if (free.length === 0) throw new Error(`no appointment is free (${status})`);
      ({ text, status } = await browser.post(path, { slot: free[randomInt(free.length)] ?? "" }));
      if (status === 303) return;
      this.choicesAgain++;
    }
    throw new Error(`no appointment: ${status}`);
  }

  /** Up to the cut; then nothing of that computer is left but its disk. */
  async #cutOff(reference: string, cut: Cut): Promise<void> {
    try {
      await this.#activate(reference, cut);
    } catch {
      this.wasCut = true; // with whatever error it ends
    }
    if (!this.wasCut) throw new Error(`not cut off ${cut}`);
    this.#computer.pullPlug();
  }

  async #activate(reference: string, cut: Cut | null): Promise<void> {
    const http = new ProxiedHttp(this.#parts.office.publicUrl, this.#computer);
    const { questions } = await openActivation(http, reference);
    const answers = Object.fromEntries(questions.map((question) => [question, ANSWERS_BY_QUESTION[question] ?? ""]));
    const { session } = await answerActivation(http, reference, answers);
    const office = this.#officeUntil(cut, new ActivationOverHttp(http, session));
    const client = this.token.client();
    const cutSteps: Partial<Record<ActivationStep, Cut>> = { certificate: "before the certificate", proof: "before the proof" };
    try {
      await activateToken({
        client,
        office,
        secrets: {
          find: () => (this.#secrets === null ? null : { ...this.#secrets, offices: [] }),
          keep: () => this.#newSecrets(),
          entrust: () => {},
        },
        mayEntrust: async () => true,
        certificateObject: OBJECT_SIGNATURE_CERTIFICATE,
        pin: async () => ascii(PIN),
        onStep: (step) => {
          if (cut !== null && cutSteps[step] === cut) throw new CutOffError();
        },
        onButton: () => {},
      });
    } finally {
      client.close(); // unplugged
    }
  }

  #officeUntil(cut: Cut | null, office: ActivationOffice): ActivationOffice {
    if (cut !== "while the certificate is asked for") return office;
    return {
      address: office.address,
      state: () => office.state(),
      secrets: (serial, secrets) => office.secrets(serial, secrets),
      challenge: (evidence) => office.challenge(evidence),
      certificate: (request, evidence) => this.#askAndGo(office, request, evidence),
      proof: (signature) => office.proof(signature),
    };
  }

  async #askAndGo(office: ActivationOffice, request: Uint8Array, evidence: KeyEvidence): Promise<IssuedCertificate> {
    const asked = office.certificate(request, evidence);
    asked.catch(() => {}); // its connection is torn
    await sleep(IN_FLIGHT_MS);
    this.#computer.pullPlug();
    throw new CutOffError();
  }

  #newSecrets(): NewSecrets {
    const puk = String(randomInt(10 ** 8)).padStart(8, "0");
    this.#secrets = { puk, managementKey: randomBytes(24).toString("hex"), keptIn: "the bench" };
    return this.#secrets;
  }

  async #waited<T>(step: CrowdStep, wait: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    const result = await wait();
    this.#ledger.time(step, performance.now() - startMs);
    return result;
  }
}

// The tour at the office's pages: somebody applies, a verifier and an approver of the demonstration decide, a reference number comes by mail (S9 to S15).

import { QUESTIONS } from "../../office/dossiers/questions.ts";
import { CHECKLIST } from "../../office/identity/checks.ts";
import type { Messages } from "../messages/en.ts";
import { readInMail } from "./mail-folder.ts";
import { FormRefusedError, OfficeVisitor } from "./office-visitor.ts";

const DAY_MS = 86_400_000;
const DAYS_TRIED = 14;
const PHONE = "+33 6 12 34 56 78";
const ID = "[0-9a-f]{8}-[0-9a-f-]{27}";

const [FIRST, SECOND, THIRD] = QUESTIONS;
export const TOUR_ANSWERS: Readonly<Record<string, string>> = {
  [FIRST]: "Dominique Petit",
  [SECOND]: "rue des Lilas",
  [THIRD]: "04 56 78 90 12",
};

export interface TourApplicant {
  readonly email: string;
  readonly language: "fr" | "en";
  /** Where the office leaves its mails. */
  readonly mails: string;
}

function idIn(text: string, pattern: RegExp, what: string): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`the office's page shows no ${what}`);
  return found;
}

export class TourApplication {
  readonly #url: string;
  readonly #who: TourApplicant;
  readonly #text: Messages["tour"]["application"];
  readonly #applicant: OfficeVisitor;

  constructor(url: string, who: TourApplicant, text: Messages["tour"]["application"]) {
    this.#url = url;
    this.#who = who;
    this.#text = text;
    this.#applicant = new OfficeVisitor(url, who.language);
  }

  /** An officer's browser. @param link of a sign-in by their token */
  async officer(link: string): Promise<OfficeVisitor> {
    const visitor = new OfficeVisitor(this.#url, this.#who.language);
    await visitor.send(new URL(link).pathname, []);
    return visitor;
  }

  /** The mailbox proved, the form, three questions, the consents. @returns the dossier's id */
  async apply(): Promise<string> {
    const { email, mails, language } = this.#who;
    const visitor = this.#applicant;
    await visitor.send("/account/sign-in", [
      ["email", email],
      ["next", "/account"],
    ]);
    const code = await readInMail(mails, email, /\b(\d{4} ?\d{4})\b/);
    await visitor.send("/account/code", [
      ["code", code],
      ["next", "/account"],
    ]);
    const association = idIn(await visitor.get("/apply"), new RegExp(`<option value="(${ID})"`), "association");
    const path = await visitor.send("/apply", [["association", association]]);
    const id = idIn(path, new RegExp(`(${ID})`), "dossier");
    const details = Object.entries({ ...this.#text.person, phone: PHONE, association, language });
    await visitor.send(`/my/dossiers/${id}/details`, details);
    const answers = Object.entries(TOUR_ANSWERS).flatMap(([question, answer], index) => [
      [`question${index + 1}`, question] as const,
      [`answer${index + 1}`, answer] as const,
    ]);
    await visitor.send(`/my/dossiers/${id}/questions`, answers);
    const consents = await visitor.get(`/my/dossiers/${id}/consents`);
    const shown = [...consents.matchAll(/name="(terms|privacy)" value="([^"]+)"/g)];
    await visitor.send(
      `/my/dossiers/${id}/consents`,
      shown.map(([, name = "", value = ""]) => [name, value]),
    );
    return id;
  }

  async #freeSlot(dossierId: string): Promise<string | null> {
    const page = await this.#applicant.get(`/my/dossiers/${dossierId}/appointment`);
    return new RegExp(`name="slot" value="(${ID})"`).exec(page)?.[1] ?? null;
  }

  /** A morning of appointments, on the first day that the verifier has free. */
  async #offer(verifier: OfficeVisitor, now: Date): Promise<void> {
    const office = idIn(await verifier.get("/identity/slots"), new RegExp(`name="office" value="(${ID})"`), "office");
    for (let days = 1; ; days++) {
      const day = new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
      const offer = { office, kind: "desk", place: this.#text.place, day, from: "09:00", to: "12:00", minutes: "20" };
      try {
        await verifier.send("/identity/slots", Object.entries(offer));
        return;
      } catch (error) {
        if (!(error instanceof FormRefusedError) || days === DAYS_TRIED) throw error;
      }
    }
  }

  /** An appointment, and the verifier who has the person before them. */
  async check(dossierId: string, verifier: OfficeVisitor, now: Date): Promise<void> {
    let slot = await this.#freeSlot(dossierId);
    if (slot === null) {
      await this.#offer(verifier, now);
      slot = await this.#freeSlot(dossierId);
    }
    await this.#applicant.send(`/my/dossiers/${dossierId}/appointment`, [["slot", slot ?? ""]]);
    const sheet = await verifier.get(`/dossiers/${dossierId}`);
    const check = `/identity/checks/${idIn(sheet, new RegExp(`/identity/checks/(${ID})`), "check")}`;
    await verifier.send(`${check}/begin`, []);
    const seen = CHECKLIST.map((item) => ["seen", item] as const);
    await verifier.send(check, [["decision", "accept"], ...seen, ["note", this.#text.seen]]);
  }

  /** Another officer: payment waived, status confirmed, approved. @returns the reference number that the applicant is mailed */
  async approve(dossierId: string, approver: OfficeVisitor): Promise<string> {
    const { waived, status } = this.#text;
    await approver.send(`/dossiers/${dossierId}/waive`, [["note", waived]]);
    await approver.send(`/dossiers/${dossierId}/approve`, [
      ["note", status],
      ["confirmed", "yes"],
    ]);
    const { email, mails } = this.#who;
    return readInMail(mails, email, /\b([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\b/);
  }
}

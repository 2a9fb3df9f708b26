// An applicant (or a manager, or a holder) at the office's pages over HTTP: proves the mailbox by reading the mail, and fills in what the pages ask for.

import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { mailed, mailsTo } from "./mail-folder.ts";

export interface PageAnswer {
  readonly status: number;
  /** Of a redirection; else "". */
  readonly location: string;
  readonly text: string;
}

export type Fields = Readonly<Record<string, string>>;

/** The form, as somebody fills it in. */
export const APPLICANT_FIELDS: Fields = {
  givenName: "Léa",
  surname: "Morel",
  phone: "+33 6 12 34 56 78",
  title: "Ingénieure",
  memberNumber: "12-345",
  language: "fr",
};

export const ANSWER_FIELDS: Fields = {
  question1: "childhood-friend",
  answer1: "Camille Le Goff",
  question2: "childhood-street",
  answer2: "rue de l'Église",
  question3: "first-pet",
  answer3: "Médor",
};

/** The answers as an activation wants them, by question. */
export const ANSWERS_BY_QUESTION: Fields = Object.fromEntries(
  [1, 2, 3].map((n) => [ANSWER_FIELDS[`question${n}`] ?? "", ANSWER_FIELDS[`answer${n}`] ?? ""]),
);

const SESSION_COOKIE = "sceau-account";

/** fetch, or whoever does it in its place. */
export type Fetch = (address: URL, init: RequestInit) => Promise<Response>;

export class ApplicationClient {
  readonly url: string;
  readonly email: string;
  /** The office's folder of .eml files. */
  readonly mails: string;
  readonly #fetch: Fetch;
  readonly #cookies = new Map<string, string>();

  private constructor(url: string, mails: string, email: string, fetch: Fetch) {
    this.url = url;
    this.mails = mails;
    this.email = email;
    this.#fetch = fetch;
  }

  /** A browser in which nothing is open. */
  static visitor(url: string, mails: string, email: string, language = "fr", by: Fetch = fetch): ApplicationClient {
    const client = new ApplicationClient(url, mails, email, by);
    client.#cookies.set("sceau-language", language);
    return client;
  }

  /** With the mailbox proved, by the code in the mail. */
  static async signIn(url: string, mails: string, email: string, language = "fr"): Promise<ApplicationClient> {
    const client = ApplicationClient.visitor(url, mails, email, language);
    const before = mailsTo(mails, email).length;
    await client.done("/account/sign-in", { email, next: "/account" });
    const code = await mailed(mails, email, /\b(\d{4} ?\d{4})\b/, { after: before });
    await client.done("/account/code", { code, next: "/account" });
    return client;
  }

  /** For the browser of a test that goes on in it. */
  get session(): string {
    return this.#cookies.get(SESSION_COOKIE) ?? "";
  }

  async #ask(path: string, init: RequestInit): Promise<PageAnswer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), cookie, origin: this.url };
    const answer = await this.#fetch(new URL(path, this.url), { ...init, headers, redirect: "manual" });
    for (const text of answer.headers.getSetCookie()) {
      const [pair = ""] = text.split(";");
      const at = pair.indexOf("=");
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return { status: answer.status, location: answer.headers.get("location") ?? "", text: await answer.text() };
  }

  get(path: string): Promise<PageAnswer> {
    return this.#ask(path, {});
  }

  /** What a form sends, with the session's token. */
  post(path: string, fields: Fields): Promise<PageAnswer> {
    const body = new URLSearchParams(fields);
    if (this.session !== "") body.set("account-csrf", csrfToken(this.session));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return this.#ask(path, { method: "POST", headers, body: body.toString() });
  }

  /** A file, as a browser sends a form with one. */
  upload(
    path: string,
    fields: Fields,
    file: { readonly field: string; readonly name: string; readonly type: string; readonly bytes: Uint8Array },
  ) {
    const form = new FormData();
    form.set("account-csrf", csrfToken(this.session));
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set(file.field, new Blob([new Uint8Array(file.bytes)], { type: file.type }), file.name);
    return this.#ask(path, { method: "POST", body: form });
  }

  /** A form that is taken: the office goes on to another page. @returns its path @throws when it is not */
  async done(path: string, fields: Fields): Promise<string> {
    const { status, location, text } = await this.post(path, fields);
    if (status !== 303) throw new Error(`${path}: ${status} ${problemsOf(text).join(", ")}`);
    return location;
  }

  /** Begins an application on one's own, with the first association that the page offers. @returns the dossier's id */
  async begin(): Promise<string> {
    const { text } = await this.get("/apply");
    const association = /<option value="([0-9a-f-]{36})"/.exec(text)?.[1] ?? "";
    return idIn(await this.done("/apply", { association }));
  }

  /** Begins by the first invitation of this mailbox. */
  async beginInvited(): Promise<string> {
    const { text } = await this.get("/apply");
    const invitation = /name="invitation" value="([0-9a-f-]{36})"/.exec(text)?.[1] ?? "";
    return idIn(await this.done("/apply", { invitation }));
  }

  async fillDetails(dossierId: string, changed: Fields = {}): Promise<void> {
    const path = `/my/dossiers/${dossierId}/details`;
    const { text } = await this.get(path);
    const association = /<option value="([0-9a-f-]{36})" selected/.exec(text)?.[1];
    await this.done(path, { ...APPLICANT_FIELDS, ...(association !== undefined && { association }), ...changed });
  }

  async fillQuestions(dossierId: string, fields: Fields = ANSWER_FIELDS): Promise<void> {
    await this.done(`/my/dossiers/${dossierId}/questions`, fields);
  }

  /** Agrees to what the page shows, and sends the application. */
  async send(dossierId: string): Promise<void> {
    const path = `/my/dossiers/${dossierId}/consents`;
    const { text } = await this.get(path);
    const shown = [...text.matchAll(/name="(terms|privacy)" value="([^"]+)"/g)].map(([, name = "", value = ""]) => [name, value] as const);
    await this.done(path, Object.fromEntries(shown));
  }

  /** The whole form. @returns the dossier's id */
  async apply(changed: Fields = {}): Promise<string> {
    const id = await this.begin();
    await this.fillDetails(id, changed);
    await this.fillQuestions(id);
    await this.send(id);
    return id;
  }

  /** The first free appointment that the page offers. @throws when there is none */
  async bookFirst(dossierId: string): Promise<void> {
    const path = `/my/dossiers/${dossierId}/appointment`;
    const { text } = await this.get(path);
    const slot = /name="slot" value="([0-9a-f-]{36})"/.exec(text)?.[1];
    if (slot === undefined) throw new Error("no appointment is free");
    await this.done(path, { slot });
  }

  sendEvidence(dossierId: string, kind: "document-front" | "document-back" | "other", bytes: Uint8Array): Promise<PageAnswer> {
    return this.upload(`/my/dossiers/${dossierId}/evidence`, { kind }, { field: "file", name: "file", type: "image/jpeg", bytes });
  }
}

/** The dossier's id in a path of its pages. */
export const idIn = (path: string): string => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(path)?.[0] ?? "";

/** What a page says is wrong. */
export const problemsOf = (page: string): string[] => [...page.matchAll(/class="problem"[^>]*>([^<]+)</g)].map(([, text = ""]) => text);

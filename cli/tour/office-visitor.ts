// A person at the office's pages, for the tour: fetches pages, sends their forms, keeps cookies. Pages are read as text: the tour sees what a browser gets.

import { csrfToken } from "../../office/pages/edge/same-site.ts";

const SESSION = "sceau-session";
const ACCOUNT = "sceau-account";
const SEE_OTHER = 303;

export type FormFields = readonly (readonly [name: string, value: string])[];

/** A form was not taken: what the page says of it. */
export class FormRefusedError extends Error {
  override readonly name = "FormRefusedError";
}

/** Problems beside fields, and the box of what is refused, without their tags. */
function whatIsWrong(page: string): string {
  const found = [...page.matchAll(/class="(?:problem|problems|refused)"[^>]*>([\s\S]*?)<\/(?:p|div)>/g)].map(([, text = ""]) => text);
  return found.map((text) => text.replace(/<[^>]+>/g, " ").trim()).join("; ");
}

export class OfficeVisitor {
  readonly #url: string;
  readonly #cookies: Map<string, string>;

  /** @param url of an office on http: its cookies have no prefix */
  constructor(url: string, language: string) {
    this.#url = url;
    this.#cookies = new Map([["sceau-language", language]]);
  }

  async get(path: string): Promise<string> {
    const answer = await this.#ask(path, {});
    return answer.text();
  }

  /** @returns where the office goes on @throws FormRefusedError */
  async send(path: string, fields: FormFields): Promise<string> {
    const body = new URLSearchParams();
    for (const [name, value] of fields) body.append(name, value);
    const [officer, account] = [this.#cookies.get(SESSION), this.#cookies.get(ACCOUNT)];
    if (officer !== undefined) body.set("csrf", csrfToken(officer));
    if (account !== undefined) body.set("account-csrf", csrfToken(account));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await this.#ask(path, { method: "POST", headers, body: body.toString() });
    const text = await answer.text();
    if (answer.status !== SEE_OTHER) throw new FormRefusedError(`${path}: ${answer.status} ${whatIsWrong(text)}`);
    return answer.headers.get("location") ?? "/";
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), cookie, origin: this.#url };
    const answer = await fetch(new URL(path, this.#url), { ...init, headers, redirect: "manual" });
    for (const text of answer.headers.getSetCookie()) {
      const [pair = ""] = text.split(";");
      const at = pair.indexOf("=");
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }
}

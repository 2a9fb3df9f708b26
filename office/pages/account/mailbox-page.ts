// Signing in by a code (S18): the page that asks for the mailbox, and the one that asks for the code.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { FormState } from "../edge/form.ts";
import type { PageAnswer, Visit } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { formStatus } from "../frame/parts.ts";

interface MailboxOptions {
  readonly form?: FormState;
  /** Somebody asked for a page that needs an account. */
  readonly isNeeded?: boolean;
}

/** Whoever comes to apply is new, and did nothing that they must not. */
const neededText = ({ texts: { account: texts } }: Visit, next: string): Html =>
  next === "/apply" ? html`<p class="lead">${texts.toApply}</p>` : html`<p class="warning" role="status">${texts.needed}</p>`;

/** @param next the path of the page to go on to */
export function mailboxPage(visit: Visit, next: string, { form = new FormState(), isNeeded = false }: MailboxOptions = {}): PageAnswer {
  const { account: texts } = visit.texts;
  return {
    status: isNeeded ? 401 : formStatus(form),
    title: texts.mailboxTitle,
    body: html`${isNeeded ? neededText(visit, next) : null}
${problemList(form, visit.texts, { email: texts.email })}
<p>${texts.mailboxText}</p>
<form method="post" action="/account/sign-in" novalidate><input type="hidden" name="next" value="${next}">
${input(form, "email", { label: texts.email, hint: texts.emailHint }, visit.texts, { type: "email", autocomplete: "email", isRequired: true, maxLength: 255 })}
<div class="actions"><button>${texts.sendCode}</button></div></form>`,
  };
}

export interface CodeOptions {
  readonly form?: FormState;
  /** After a wrong code; null: none was given. */
  readonly triesLeft?: number | null;
}

/** @param mailbox where the code went */
export function codePage(
  visit: Visit,
  mailbox: string,
  next: string,
  { form = new FormState(), triesLeft = null }: CodeOptions = {},
): PageAnswer {
  const { account: texts } = visit.texts;
  const again = `/account/sign-in?${new URLSearchParams({ next })}`;
  return {
    status: triesLeft === null ? formStatus(form) : 422,
    title: texts.codeTitle,
    body: html`${triesLeft === null ? null : html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${texts.wrong(triesLeft)}</p></div>`}
${problemList(form, visit.texts, { code: texts.code })}
<p>${texts.codeSent} <b>${mailbox}</b></p>
<p>${texts.codeText}</p>
<form method="post" action="/account/code" novalidate><input type="hidden" name="next" value="${next}">
${input(form, "code", { label: texts.code }, visit.texts, { autocomplete: "one-time-code", inputMode: "numeric", isRequired: true, maxLength: 20 })}
<p class="hint">${texts.codeNone} <a href="${again}">${texts.again}</a></p>
<div class="actions"><button>${texts.open}</button></div></form>`,
  };
}

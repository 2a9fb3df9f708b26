// How a legal representative comes in (S43): identifier and key, or hand-over code; the e-mail; the secret code; the key, shown once.

import { html } from "../../../host-bridge/web/html.ts";
import { CODE_DIGITS } from "../../representatives/access-secrets.ts";
import { FormState } from "../edge/form.ts";
import type { PageAnswer, Visit } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { facts, formStatus, grouped, notice } from "../frame/parts.ts";
import { type RepresentativeVisit, representativeCsrf } from "./representative-visit.ts";

/** What was typed wrong is not sent back: it may be nearly right. */
export const withoutSecret = (form: FormState): FormState => new FormState({ identifier: form.text("identifier") }, form.problems);

export function signInPage(visit: Visit, form: FormState, isOver: boolean): PageAnswer {
  const { texts } = visit;
  const { signIn } = texts.representative;
  return {
    status: formStatus(form),
    title: signIn.title,
    body: html`${isOver ? html`<p class="warning" role="status">${signIn.over}</p>` : null}
${problemList(form, texts, { identifier: signIn.identifier, key: signIn.key })}<p>${signIn.text}</p>
<form method="post" action="/representative/sign-in" novalidate>
${input(form, "identifier", { label: signIn.identifier, hint: signIn.identifierHint }, texts, { isRequired: true, maxLength: 30 })}
${input(form, "key", { label: signIn.key, hint: signIn.keyHint }, texts, { isRequired: true, maxLength: 60, inputMode: "numeric" })}
<p class="hint">${signIn.locks}</p>
<p class="actions"><button>${signIn.next}</button></p></form>
<p class="lead">${signIn.noKey} <a href="/representative/key">${signIn.collect}</a></p>`,
  };
}

export function collectPage(visit: Visit, form: FormState): PageAnswer {
  const { texts } = visit;
  const { collect, signIn } = texts.representative;
  return {
    status: formStatus(form),
    title: collect.title,
    body: html`${problemList(form, texts, { identifier: signIn.identifier, code: collect.code })}
<p>${collect.text} <a href="/help">${collect.help}</a></p>
<form method="post" action="/representative/key" novalidate>
${input(form, "identifier", { label: signIn.identifier, hint: signIn.identifierHint }, texts, { isRequired: true, maxLength: 30 })}
${input(form, "code", { label: collect.code, hint: collect.codeHint }, texts, { isRequired: true, maxLength: 20, inputMode: "numeric" })}
<p class="hint">${signIn.locks}</p>
<p class="actions"><button>${signIn.next}</button></p></form>
<p class="lead">${collect.hasKey} <a href="/representative/sign-in">${collect.signIn}</a></p>`,
  };
}

/** Its first letter and its end: enough to know which one is meant, too little to know it. */
export function maskedEmail(email: string): string {
  const end = email.slice(email.lastIndexOf("@") + 1).split(".");
  return `${email.slice(0, 1)}•••@•••${end.length > 1 ? `.${end.at(-1)}` : ""}`;
}

export function mailboxPage(visit: RepresentativeVisit, form: FormState): PageAnswer {
  const { texts, seen } = visit;
  const { mailbox } = texts.representative;
  return {
    status: formStatus(form),
    title: mailbox.title,
    body: html`${problemList(form, texts, { email: mailbox.email })}
<p>${mailbox.text} <b class="nowrap">${maskedEmail(seen.representative.email)}</b></p>
<form method="post" action="/representative/mailbox" novalidate>${representativeCsrf(visit)}
${input(form, "email", { label: mailbox.email }, texts, { type: "email", autocomplete: "email", isRequired: true, maxLength: 255 })}
<p class="actions"><button>${mailbox.next}</button></p></form>`,
  };
}

/** What was wrong with the last code: how many tries are left, or that it is over. */
export type CodeTrouble = number | "expired" | null;

export function codePage(visit: RepresentativeVisit, form: FormState, trouble: CodeTrouble): PageAnswer {
  const { texts } = visit;
  const { code } = texts.representative;
  const told = trouble === null ? null : trouble === "expired" ? code.expired : code.wrong(trouble);
  return {
    status: told === null ? formStatus(form) : 422,
    title: code.title,
    body: html`${told === null ? null : html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${told}</p></div>`}
${problemList(form, texts, { code: code.code })}<p>${code.text}</p>
<form method="post" action="/representative/code" novalidate>${representativeCsrf(visit)}
${input(form, "code", { label: code.code }, texts, { autocomplete: "one-time-code", inputMode: "numeric", isRequired: true, maxLength: 2 * CODE_DIGITS })}
<p class="hint">${code.none} <a href="/representative/mailbox">${code.again}</a></p>
<p class="actions"><button>${code.button}</button></p></form>`,
  };
}

/** The button before the key: opening a page shows nothing, and uses nothing up. */
export function beforeKeyPage(visit: RepresentativeVisit): PageAnswer {
  const { key } = visit.texts.representative;
  return {
    title: key.title,
    body: html`<section class="card"><p>${key.text}</p>
<form method="post" action="/representative/key/show">${representativeCsrf(visit)}<p class="actions"><button>${key.show}</button></p></form></section>`,
  };
}

/** The key is on no other page, and in no address. */
export function keyPage(visit: Visit, shown: { readonly identifier: string; readonly key: string }): PageAnswer {
  const { texts } = visit;
  const { key } = texts.representative;
  return {
    title: key.title,
    body: html`${notice(key.done)}${facts(
      [
        [key.identifier, html`<code class="number">${shown.identifier}</code>`],
        [key.key, grouped(shown.key)],
      ],
      texts.frame.unknown,
    )}
<p>${key.text}</p><p>${key.once}</p>
<p class="actions"><a class="button" href="/representative/sign-in">${key.open}</a></p>`,
    again: { action: "/representative/key/shown", fields: { ...shown } },
  };
}

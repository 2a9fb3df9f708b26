// «Mon dossier», «Mes dossiers»: an account's applications, the language of its mails, its open sessions.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { AccountSession } from "../../accounts/account-sessions.ts";
import type { Dossier } from "../../dossiers/dossiers.ts";
import { FormState } from "../edge/form.ts";
import type { AccountVisit, PageAnswer } from "../edge/visit.ts";
import { select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { notice, time } from "../frame/parts.ts";
import { dossierPill } from "../frame/state-pills.ts";
import { LANGUAGES } from "../texts/language.ts";

export interface AccountRecord {
  readonly dossiers: readonly Dossier[];
  readonly organisations: readonly { readonly id: string; readonly name: string }[];
  readonly sessions: readonly AccountSession[];
  /** IANA: the office's. */
  readonly timeZone: string;
}

export type AccountDone = "saved" | "ended" | null;

function applications(visit: AccountVisit, { dossiers, timeZone }: AccountRecord): Html {
  const { account: texts } = visit.texts;
  const apply = html`<p><a class="button${dossiers.length === 0 ? "" : " quiet"}" href="/apply">${texts.apply}</a></p>`;
  if (dossiers.length === 0) return html`<section class="card"><p>${texts.noneYet}</p>${apply}</section>`;
  const rows = dossiers.map(({ id, number, givenName, surname, state, createdAt }) => [
    html`<a href="/my/dossiers/${id}">${number}</a>`,
    `${givenName} ${surname}`.trim(),
    dossierPill(state, visit.texts),
    time(createdAt, visit, timeZone, "day"),
  ]);
  return html`${table({ caption: texts.title(dossiers.length), columns: texts.columns, rows, none: texts.noneYet })}${apply}`;
}

function managed({ texts: { account: texts } }: AccountVisit, { organisations }: AccountRecord): Html | null {
  if (organisations.length === 0) return null;
  return html`<h2>${texts.organisations}</h2><ul>${organisations.map(({ id, name }) => html`<li><a href="/my/organisations/${id}">${name}</a></li>`)}</ul>`;
}

function mailLanguage(visit: AccountVisit): Html {
  const { account: texts, frame } = visit.texts;
  const form = new FormState({ language: visit.account.language });
  const options = LANGUAGES.map((language) => [language, frame.ownName[language]] as const);
  return html`<h2>${texts.mailLanguage}</h2>
<form method="post" action="/account/language">${csrfField(visit)}${select(form, "language", { label: texts.mailLanguageLabel }, visit.texts, options)}
<button class="quiet">${texts.save}</button></form>`;
}

function openSessions(visit: AccountVisit, { sessions, timeZone }: AccountRecord): Html {
  const { account: texts, sessions: common } = visit.texts;
  const moment = (at: Date): Html => html`<span class="nowrap">${time(at, visit, timeZone)}</span>`;
  const rows = sessions.map(({ id, createdAt, lastUsedAt, expiresAt, isThis }) => [
    moment(createdAt),
    moment(lastUsedAt),
    moment(expiresAt),
    isThis
      ? common.this
      : html`<form method="post" action="/account/sessions/end">${csrfField(visit)}<input type="hidden" name="session" value="${id}"><button class="quiet">${common.end}<span class="unseen"> (${time(createdAt, visit, timeZone)})</span></button></form>`,
  ]);
  return html`<h2>${texts.sessions}</h2><p>${texts.sessionsText}</p>${table({ caption: texts.sessions, columns: common.columns, rows, none: "" })}
${sessions.length < 2 ? null : html`<form method="post" action="/account/sessions/end">${csrfField(visit)}<button class="quiet" name="session" value="others">${texts.endOthers}</button></form>`}`;
}

export function accountPageOf(visit: AccountVisit, record: AccountRecord, done: AccountDone): PageAnswer {
  const { account: texts, sessions: common } = visit.texts;
  return {
    title: texts.title(record.dossiers.length),
    body: html`${done === null ? null : notice(done === "saved" ? texts.saved : common.ended)}
<p>${texts.signedIn} <b>${visit.account.email}</b></p>
${applications(visit, record)}${managed(visit, record)}${mailLanguage(visit)}${openSessions(visit, record)}`,
  };
}

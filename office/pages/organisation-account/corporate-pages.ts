// A corporate account: the request, and the page of its manager.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { ManagedOrganisation, PersonOfOrganisation, SentInvitation } from "../../dossiers/corporate-records.ts";
import type { FormState } from "../edge/form.ts";
import type { AccountVisit, PageAnswer, Visit } from "../edge/visit.ts";
import { input, type Options, problemList, select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { type Fact, facts, formStatus, notice, time } from "../frame/parts.ts";
import { dossierPill, organisationPill } from "../frame/state-pills.ts";
import { COUNTRIES } from "./corporate-forms.ts";

/** By their names, in the page's language; the first of the list stays first. */
export function countries({ language }: Visit): Options {
  const names = new Intl.DisplayNames([language], { type: "region" });
  const [first = "FR", ...others] = COUNTRIES;
  const named = (code: string) => [code, names.of(code) ?? code] as const;
  return [named(first), ...others.map(named).sort(([, a], [, b]) => a.localeCompare(b, language))];
}

export type NamedOffices = readonly { readonly id: string; readonly name: string }[];

export const officeOptions = (offices: NamedOffices): Options => offices.map(({ id, name }) => [id, name] as const);

export function requestPage(visit: AccountVisit, form: FormState, offices: NamedOffices): PageAnswer {
  const { texts } = visit;
  const { request } = texts.corporate;
  const { name, country, office, managerName, phone, users, representativeName, representativeEmail } = request;
  const required = { isRequired: true, maxLength: 64 };
  const managerHint = html`${request.managerHint} <b>${visit.account.email}</b>`;
  return {
    status: formStatus(form),
    title: request.title,
    body: html`${problemList(form, texts, { name, country, office, managerName, phone, users, representativeName, representativeEmail })}<p class="lead">${request.text}</p>
<form method="post" action="/my/organisations/request" novalidate>${csrfField(visit)}
${input(form, "name", { label: name, hint: request.nameHint }, texts, { ...required, autocomplete: "organization" })}
${select(form, "country", { label: country }, texts, countries(visit))}
${select(form, "office", { label: office }, texts, officeOptions(offices))}
${input(form, "managerName", { label: managerName, hint: managerHint }, texts, { ...required, autocomplete: "name" })}
${input(form, "phone", { label: phone, hint: texts.application.details.phoneHint }, texts, { isRequired: true, maxLength: 30, autocomplete: "tel", inputMode: "tel" })}
${input(form, "users", { label: users, hint: request.usersHint }, texts, { isRequired: true, maxLength: 6, inputMode: "numeric" })}
<h2>${request.representative}</h2><p>${request.representativeText}</p>
${input(form, "representativeName", { label: representativeName }, texts, { maxLength: 64 })}
${input(form, "representativeEmail", { label: representativeEmail }, texts, { type: "email", maxLength: 255 })}
<p class="actions"><button>${request.button}</button><a class="button quiet" href="/apply">${texts.frame.cancel}</a></p></form>`,
  };
}

export interface ManagersRecord {
  readonly organisation: ManagedOrganisation;
  readonly people: readonly PersonOfOrganisation[];
  readonly invitations: readonly SentInvitation[];
}

function inviting(visit: AccountVisit, form: FormState, id: string): Html {
  const { texts } = visit;
  const { own } = texts.corporate;
  return html`<section class="card"><h2>${own.invite}</h2><p>${own.inviteText}</p>
<form method="post" action="/my/organisations/${id}/invite" novalidate>${csrfField(visit)}
${input(form, "email", { label: own.email }, texts, { type: "email", isRequired: true, maxLength: 255 })}
${select(form, "language", { label: own.language }, texts, [
  ["fr", texts.frame.ownName.fr],
  ["en", texts.frame.ownName.en],
])}
<p class="actions"><button>${own.send}</button></p></form></section>`;
}

function invitationList(visit: AccountVisit, { organisation, invitations }: ManagersRecord): Html {
  const { own } = visit.texts.corporate;
  const { timeZone } = organisation.office;
  // What a phone's width shows first: who, and what can be done.
  const rows = invitations.map(({ id, email, invitedAt, expiresAt }) => [
    html`<span class="mailbox">${email}</span>`,
    html`<form method="post" action="/my/organisations/${organisation.id}/end-invitation">${csrfField(visit)}<input type="hidden" name="invitation" value="${id}">
<button class="quiet">${own.end}<span class="unseen"> ${email}</span></button></form>`,
    html`${time(expiresAt, visit, timeZone, "day")}${expiresAt <= visit.now ? html` (${own.over})` : null}`,
    time(invitedAt, visit, timeZone, "day"),
  ]);
  return html`<h2>${own.invitations}</h2>${table({ caption: own.invitations, columns: own.invitationColumns, rows, none: own.noInvitations })}`;
}

function peopleList(visit: AccountVisit, { organisation, people }: ManagersRecord): Html {
  const { own } = visit.texts.corporate;
  const rows = people.map(({ email, name, number, state, since }) => [
    name === null ? html`<span class="mailbox">${email}</span>` : html`${name}<small>${email}</small>`,
    dossierPill(state, visit.texts),
    html`<code>${number}</code>`,
    time(since, visit, organisation.office.timeZone, "day"),
  ]);
  return html`<h2>${own.people}</h2>${table({ caption: own.people, columns: own.peopleColumns, rows, none: own.nobody })}`;
}

export type ManagersDone = "sent" | "ended" | null;

export function managersPage(visit: AccountVisit, form: FormState, record: ManagersRecord, done: ManagersDone): PageAnswer {
  const { texts } = visit;
  const { own } = texts.corporate;
  const { organisation } = record;
  const isOpen = organisation.state === "open";
  const rows: (Fact | null)[] = [
    [own.state, organisationPill(organisation.state, texts)],
    organisation.refusal === null || isOpen ? null : [own.refused, organisation.refusal],
    [own.manager, html`${organisation.managerName}, ${visit.account.email}`],
    [own.users, organisation.users],
    [own.office, organisation.office.name],
    [own.since, time(organisation.requestedAt, visit, organisation.office.timeZone, "day")],
  ];
  const waiting = organisation.state === "requested" ? own.requested : own.closed;
  return {
    status: formStatus(form),
    title: organisation.name,
    body: html`${done === null ? null : notice(own[done])}${problemList(form, texts, { email: own.email, language: own.language })}
${isOpen ? null : html`<p class="warning" role="status">${waiting}</p>`}
${facts(
  rows.filter((row) => row !== null),
  texts.frame.unknown,
)}
${isOpen ? html`<br>${inviting(visit, form, organisation.id)}` : null}
${peopleList(visit, record)}${invitationList(visit, record)}`,
  };
}

// The officers: their list, the invitation of one, another code, and the withdrawal.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { HANDOVERS } from "../../enrolment/code-handover.ts";
import { ROLES } from "../../registration/roles.ts";
import { OFFICER } from "../../states/officer-states.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { choices, input, problemList, select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { notice } from "../frame/parts.ts";
import { officerPill } from "../frame/state-pills.ts";
import type { ListedOfficer, Places } from "./officer-records.ts";

/** Nobody withdraws themselves. */
function actions({ texts: { officers }, session }: OfficerVisit, { id, name, state }: ListedOfficer): Html {
  const unseen = html`<span class="unseen"> ${name}</span>`;
  const code = state === "withdrawn" ? officers.reinstate : officers.newCode;
  const withdraw = OFFICER.allows(state, "withdraw") && id !== session.officer.id;
  return html`<a href="/officers/${id}/code">${code}${unseen}</a>${
    withdraw ? html` <a href="/officers/${id}/withdraw">${officers.withdraw}${unseen}</a>` : null
  }`;
}

const DONE = ["withdrawn", "invited", "mailed"] as const;

/** @param done what has just happened, as the address tells */
export function officersPage(visit: OfficerVisit, officers: readonly ListedOfficer[], done: unknown): PageAnswer {
  const { texts } = visit;
  const told = DONE.find((known) => known === done);
  const rows = officers.map((officer) => [
    html`<a href="/people/${officer.personId}">${officer.name}</a><small>${officer.email}</small>`,
    officerPill(officer.state, texts),
    html`<ul class="details">${officer.assignments.map(({ role, officeName }) => html`<li>${texts.roles[role].name} <b>${officeName}</b></li>`)}</ul>`,
    officer.isOurs ? actions(visit, officer) : texts.officers.elsewhere,
  ]);
  return {
    title: texts.officers.title,
    body: html`${told === undefined ? null : notice(texts.officers.done[told])}
${table({ caption: texts.officers.title, columns: texts.officers.columns, none: texts.officers.none, rows })}
<p class="actions"><a class="button" href="/officers/invite">${texts.officers.invite}</a></p>`,
  };
}

/** How the code gets there; by mail when nothing is said. */
function handoverField(visit: OfficerVisit, form: FormState): Html {
  const { handover } = visit.texts.officers;
  const options = HANDOVERS.map((way) => [way, handover[way]] as const);
  return choices(form, "handover", { label: handover.label }, visit.texts, options, "radio");
}

/** @param candidate somebody on record; null: somebody new */
export function invitationPage(
  visit: OfficerVisit,
  form: FormState,
  places: Places,
  candidate: { readonly id: string; readonly name: string; readonly email: string } | null,
): PageAnswer {
  const { texts } = visit;
  const { invitation, person } = texts;
  const named = (rows: Places["offices"]) => rows.map(({ id, name }) => [id, name] as const);
  const isRequired = true;
  const labels = {
    givenName: invitation.givenName,
    surname: invitation.surname,
    email: person.email,
    number: person.number,
    organisation: person.organisation,
    language: person.language,
    office: person.office,
    roles: invitation.roles,
    handover: texts.officers.handover.label,
  };
  const newPerson = html`${input(form, "givenName", { label: invitation.givenName }, texts, { isRequired, maxLength: 64 })}
${input(form, "surname", { label: invitation.surname }, texts, { isRequired, maxLength: 64 })}
${input(form, "email", { label: person.email }, texts, { type: "email", isRequired, maxLength: 255 })}
${input(form, "number", { label: person.number, hint: invitation.numberHint }, texts, { isRequired, maxLength: 64 })}
${select(form, "organisation", { label: person.organisation }, texts, named(places.organisations))}
${select(form, "language", { label: person.language }, texts, [
  ["fr", texts.frame.ownName.fr],
  ["en", texts.frame.ownName.en],
])}`;
  return {
    status: Object.keys(form.problems).length === 0 ? 200 : 422,
    title: invitation.title,
    body: html`${problemList(form, texts, labels)}<p>${invitation.text}</p>
<form method="post" action="/officers/invite${candidate === null ? "" : `?person=${candidate.id}`}" novalidate>${csrfField(visit)}
${candidate === null ? newPerson : html`<p><strong>${candidate.name}</strong>, ${candidate.email}</p>`}
${select(form, "office", { label: person.office, hint: invitation.officeHint }, texts, named(places.offices))}
${choices(
  form,
  "roles",
  { label: invitation.roles },
  texts,
  ROLES.map((role) => [role, invitation.role(texts.roles[role].name, texts.roles[role].may)] as const),
  "checkbox",
)}
${handoverField(visit, form)}
<p class="actions"><button>${invitation.button}</button><a class="button quiet" href="/officers">${texts.frame.cancel}</a></p></form>`,
  };
}

/** A code that has just been made. */
export interface ShownCode {
  readonly officerId: string;
  readonly code: string;
  /** Of an invitation; else somebody has another code. */
  readonly isInvitation: boolean;
}

/** The code is on no other page, and in no address. */
export function codePage(visit: OfficerVisit, shown: ShownCode, publicUrl: string): PageAnswer {
  const { invitation, officers } = visit.texts;
  const { officerId, code, isInvitation } = shown;
  return {
    title: isInvitation ? invitation.doneTitle : officers.newCode,
    body: html`${notice(isInvitation ? invitation.done : officers.code.done)}<p class="warning">${invitation.seen}</p>
<section class="card"><p>${invitation.pass}</p>
<code class="command">sceau office enrol ${publicUrl}</code>${isInvitation ? null : html`<p>${officers.code.replace}</p>`}<p>${invitation.code}</p>
<code class="command">${code}</code>
<p>${invitation.once}</p></section><p><a href="/officers">${invitation.back}</a></p>`,
    again: {
      action: `/officers/${officerId}/code/shown`,
      fields: { code, of: isInvitation ? "invitation" : "renewal" },
    },
  };
}

/** What another code does, by the officer's state. */
export function newCodePage(visit: OfficerVisit, form: FormState, officer: ListedOfficer): PageAnswer {
  const { texts } = visit;
  const { code, reinstate } = texts.officers;
  const { id, name, state } = officer;
  const why = choices(
    form,
    "token",
    { label: code.why },
    texts,
    [
      ["held", code.held],
      ["lost", code.lost],
    ],
    "radio",
  );
  return {
    status: Object.keys(form.problems).length === 0 ? 200 : 422,
    title: state === "withdrawn" ? code.reinstateTitle(name) : code.title(name),
    body: html`${problemList(form, texts, { token: code.why, handover: texts.officers.handover.label })}<section class="card"><p>${code[state]}</p>
<form method="post" action="/officers/${id}/code" novalidate>${csrfField(visit)}<input type="hidden" name="state" value="${state}">
${state === "active" ? why : null}${handoverField(visit, form)}
<p class="actions"><button>${state === "withdrawn" ? reinstate : code.button}</button><a class="button quiet" href="/officers">${texts.frame.cancel}</a></p></form></section>`,
  };
}

export function withdrawalPage(visit: OfficerVisit, officer: ListedOfficer): PageAnswer {
  const { texts } = visit;
  const { officers } = texts;
  return {
    title: officers.withdrawTitle(officer.name),
    body: html`<section class="card"><p>${officers.withdrawText}</p>
<form method="post" action="/officers/${officer.id}/withdraw">${csrfField(visit)}
<p class="actions"><button>${officers.withdraw}</button><a class="button quiet" href="/officers">${texts.frame.cancel}</a></p></form></section>`,
  };
}

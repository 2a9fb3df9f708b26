// The desk: who waits for their activation, and the page on which an officer does it with them.

import { html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { handOver } from "../activation/hand-over.ts";
import type { FormState } from "../edge/form.ts";
import type { Edge, OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { choices, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus } from "../frame/parts.ts";
import type { DeskRecord } from "./desk-records.ts";

const CONFLICT = 409;

export const deskAddress = (dossierId: string): string => `/desk/${dossierId}`;

const nameOf = ({ dossier: { givenName, surname } }: DeskRecord): string => `${givenName} ${surname}`;

export function deskPage(visit: OfficerVisit, records: readonly DeskRecord[]): PageAnswer {
  const { texts } = visit;
  const rows = records.map((record) => [
    html`<a href="${deskAddress(record.dossier.id)}">${nameOf(record)}</a>`,
    html`<code>${record.dossier.number}</code>`,
    record.organisation ?? texts.desk.alone,
    record.activation === null ? texts.desk.states.expired : texts.desk.states[record.activation],
  ]);
  const { caption, columns, none } = texts.desk;
  return { title: texts.desk.title, body: html`<p class="lead">${texts.desk.text}</p>${table({ caption, columns, rows, none })}` };
}

/** @param refusal what is against it */
export function provisionPage(visit: OfficerVisit, record: DeskRecord, form: FormState, refusal: string | null = null): PageAnswer {
  const { texts } = visit;
  const { desk } = texts;
  const { dossier } = record;
  const names = desk.facts;
  const option = [["yes", desk.confirmed]] as const;
  return {
    status: refusal === null ? formStatus(form) : CONFLICT,
    title: desk.pageTitle(nameOf(record)),
    body: html`${refusal === null ? null : html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${refusal}</p></div>`}
${problemList(form, texts, { confirmation: desk.confirm })}
${facts(
  [
    [names.name, nameOf(record)],
    [names.number, html`<code>${dossier.number}</code>`],
    [names.organisation, record.organisation ?? desk.alone],
    [names.title, dossier.title],
    [names.member, dossier.memberNumber],
    [names.email, dossier.email],
    [names.phone, dossier.phone],
  ],
  texts.frame.unknown,
)}
<h2>${desk.steps}</h2><ol>${desk.list.map((step) => html`<li>${step}</li>`)}</ol>
<form method="post" action="${deskAddress(dossier.id)}" novalidate>${csrfField(visit)}
${choices(form, "confirmation", { label: desk.confirm }, texts, option, "checkbox")}
<p class="actions"><button>${desk.button}</button><a class="button quiet" href="/desk">${texts.frame.cancel}</a></p></form>`,
  };
}

export function deskHandOverPage(visit: OfficerVisit, { publicUrl }: Edge, record: DeskRecord, requestId: string): PageAnswer {
  const { texts } = visit;
  const address = deskAddress(record.dossier.id);
  return {
    title: texts.desk.pageTitle(nameOf(record)),
    body: html`${handOver(texts, publicUrl, requestId, texts.desk.handText)}
<p><a href="${address}">${texts.desk.another}</a></p><p><a href="/desk">${texts.activation.toDesk}</a></p>`,
    again: { action: `${address}/agent`, fields: { request: requestId } },
  };
}

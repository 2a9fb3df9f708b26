// The audit trail: a filter, the events, and whether the chain holds.

import { type Html, type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { AuditReport } from "../../audit/audit-verification.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { notice, pager, time } from "../frame/parts.ts";
import type { AuditPage, ShownEvent } from "./audit-records.ts";

const SHEETS: Readonly<Record<string, string>> = { certificate: "/certificates/", person: "/people/", token: "/tokens/" };

function subjectLink(subject: string, kinds: Readonly<Record<string, string>>): HtmlValue {
  const [kind = "", ...rest] = subject.split(":");
  const name = rest.join(":");
  const sheet = SHEETS[kind];
  const link = sheet === undefined || name === "" ? name : html`<a href="${sheet}${encodeURIComponent(name)}">${name}</a>`;
  return html`${kinds[kind] ?? kind}<small><code>${link}</code></small>`;
}

function detailList(details: ShownEvent["details"]): Html | null {
  const entries = Object.entries(details);
  if (entries.length === 0) return null;
  return html`<ul class="details">${entries.map(([name, value]) => html`<li><b>${name}</b> ${String(value)}</li>`)}</ul>`;
}

function row(event: ShownEvent, visit: OfficerVisit, timeZone: string): readonly HtmlValue[] {
  return [
    html`${event.number}<small class="nowrap">${time(event.at, visit, timeZone)}</small>`,
    html`<code>${event.action}</code>`,
    event.actorName ?? event.actor,
    subjectLink(event.subject, visit.texts.audit.kinds),
    detailList(event.details),
  ];
}

/** What is no fault, and has to be known with the result. */
function remarks(visit: OfficerVisit, { restores, unreadableLines }: AuditReport, timeZone: string): Html {
  const { audit } = visit.texts;
  const [line] = unreadableLines;
  return html`${restores.map(
    ({ at, number, lostHeads, lostUntil }) =>
      html`<p class="warning" role="status">${audit.restored(number)} ${time(new Date(at), visit, timeZone)}. ${lostUntil === null ? null : audit.lost(lostHeads, lostUntil)}</p>`,
  )}${line === undefined ? null : html`<p class="warning" role="status">${audit.unreadable(unreadableLines.length, line)}</p>`}`;
}

function result(visit: OfficerVisit, report: AuditReport, timeZone: string): Html {
  const { audit } = visit.texts;
  const { events, heads, outside, fault } = report;
  const since = fault?.since === undefined ? null : html` ${time(new Date(fault.since), visit, timeZone)}`;
  const verdict =
    fault === null
      ? notice(`${audit.sound(events, heads)} ${audit.outside(outside)}`)
      : html`<div class="problems" role="alert"><p>${audit.unsound}</p><p>${audit.faults[fault.fault](fault.number)}${since}</p></div>`;
  return html`${verdict}${remarks(visit, report, timeZone)}`;
}

function verifyCard(visit: OfficerVisit, { report, lastHeadAt, timeZone }: ShownTrail): Html {
  const { audit } = visit.texts;
  return html`${report === null ? null : result(visit, report, timeZone)}
<section class="card"><h2>${audit.verifyTitle}</h2><p>${audit.verifyText}</p>
<p>${lastHeadAt === null ? audit.noHead : html`${audit.lastHead} ${time(lastHeadAt, visit, timeZone)}`}</p>
<form method="post" action="/audit/verify">${csrfField(visit)}<button class="quiet">${audit.verify}</button></form></section>`;
}

function eventTable(visit: OfficerVisit, page: number, events: AuditPage, timeZone: string): Html {
  const { audit } = visit.texts;
  const rows = events.rows.map((event) => row(event, visit, timeZone));
  return html`${table({ caption: audit.events, columns: audit.columns, none: audit.none, rows })}${pager(visit, page, events.hasNext)}`;
}

export interface ShownTrail {
  readonly form: FormState;
  readonly page: number;
  /** Null: the filter is wrong. */
  readonly events: AuditPage | null;
  readonly timeZone: string;
  /** Null: was not verified just now. */
  readonly report: AuditReport | null;
  /** When the trail's end was signed; null: never. */
  readonly lastHeadAt: Date | null;
}

export function auditTrailPage(visit: OfficerVisit, shown: ShownTrail): PageAnswer {
  const { texts } = visit;
  const { form, page, events, timeZone } = shown;
  const { audit } = texts;
  return {
    status: Object.keys(form.problems).length === 0 ? 200 : 422,
    title: audit.title,
    body: html`${verifyCard(visit, shown)}
<h2>${audit.events}</h2>${problemList(form, texts, { q: audit.filter, from: audit.from, until: audit.until })}
<form class="search three" method="get" action="/audit">
${input(form, "q", { label: audit.filter, hint: audit.filterHint }, texts, { type: "search", maxLength: 100 })}
${input(form, "from", { label: audit.from, hint: audit.day }, texts, { maxLength: 10 })}
${input(form, "until", { label: audit.until, hint: audit.day }, texts, { maxLength: 10 })}
<button>${audit.button}</button></form>
${events === null ? null : eventTable(visit, page, events, timeZone)}`,
  };
}

// The officers' work list.

import { type Html, type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { PaymentState } from "../../states/payment-states.ts";
import { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input } from "../frame/fields.ts";
import { pager, pill } from "../frame/parts.ts";
import { dossierPill } from "../frame/state-pills.ts";
import type { Texts } from "../texts/french.ts";
import { DOSSIER_LISTS, type DossierQuery, type DossierRow } from "./dossier-list.ts";
import { type DossierTask, taskOf } from "./dossier-tasks.ts";

export const paymentPill = (payment: PaymentState, { dossiers }: Texts): Html =>
  pill(dossiers.payments[payment], payment === "due" ? "waiting" : "good");

/** Who vouches for the applicant, and who pays. */
const authorisedBy = ({ association, organisation }: Pick<DossierRow, "association" | "organisation">, texts: Texts): Html =>
  html`${association ?? organisation ?? texts.frame.unknown}${
    association === null ? null : html`<small>${organisation ?? texts.dossiers.onOneself}</small>`
  }`;

/** Where the officer does it. */
function taskAddress(task: DossierTask, { id }: DossierRow): string {
  return task === "desk" ? `/desk/${id}` : `/dossiers/${id}`;
}

function cells(row: DossierRow, visit: OfficerVisit): readonly HtmlValue[] {
  const { texts, session } = visit;
  const task = taskOf(row, session.officer);
  // What a phone's width shows first: whose it is, where it is, and what is to be done.
  return [
    html`<a href="/dossiers/${row.id}"><code class="number short">${row.number}</code></a><br>${row.name}<small>${row.email}</small>`,
    dossierPill(row.state, texts),
    task === null ? null : html`<a href="${taskAddress(task, row)}">${texts.dossiers.task[task]}</a>`,
    paymentPill(row.payment, texts),
    authorisedBy(row, texts),
  ];
}

export function dossiersPage(
  visit: OfficerVisit,
  { list, q, page }: DossierQuery,
  { rows, hasNext }: { readonly rows: readonly DossierRow[]; readonly hasNext: boolean },
): PageAnswer {
  const { texts } = visit;
  const { dossiers } = texts;
  const again = q === "" ? "" : `&q=${encodeURIComponent(q)}`;
  return {
    title: dossiers.title,
    body: html`<form class="search" method="get" action="/dossiers" role="search"><input type="hidden" name="list" value="${list}">
${input(new FormState({ q }), "q", { label: dossiers.search }, texts, { type: "search", maxLength: 100 })}
<button>${dossiers.find}</button></form>
<nav class="tabs" aria-label="${dossiers.lists}"><ul>${DOSSIER_LISTS.map(
      (other) =>
        html`<li><a href="/dossiers?list=${other}${again}"${other === list ? html` aria-current="page"` : null}>${dossiers.list[other]}</a></li>`,
    )}</ul></nav>
${table({
  caption: dossiers.list[list],
  columns: dossiers.columns,
  none: list === "waiting" && q === "" ? dossiers.none.waiting : dossiers.none.other,
  rows: rows.map((row) => cells(row, visit)),
})}
${pager(visit, page, hasNext)}`,
  };
}

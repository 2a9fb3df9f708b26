// The search, and what it found.

import { type Html, type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { FormState } from "../edge/form.ts";
import type { PageAnswer, Visit } from "../edge/visit.ts";
import { input, problemList, select } from "../frame/fields.ts";
import { grouped, pager, time } from "../frame/parts.ts";
import { certificatePill, organisationPill, stateNow, tokenPill } from "../frame/state-pills.ts";
import { type Found, SEARCH_KINDS, type Search, type SearchResult } from "./search-records.ts";

function searchForm(visit: Visit, form: FormState): Html {
  const { texts } = visit;
  const { search } = texts;
  return html`${problemList(form, texts, { q: search.label, kind: search.kind })}<form class="search" method="get" action="/search" role="search">
${input(form, "q", { label: search.label, hint: search.hint }, texts, { type: "search", maxLength: 100 })}
${select(
  form,
  "kind",
  { label: search.kind },
  texts,
  SEARCH_KINDS.map((kind) => [kind, search.kinds[kind]] as const),
)}
<button>${search.button}</button></form>`;
}

/** What could be asked instead. */
function possibilities({ texts: { search } }: Visit): Html {
  return html`<p>${search.possible}</p><ul>${search.possibilities.map((text) => html`<li>${text}</li>`)}</ul><p>${search.everything}</p>`;
}

const holder = ({ name, email }: Found, nobody: string): HtmlValue => (name === null ? nobody : html`${name}<small>${email}</small>`);

function row(found: Found, visit: Visit, timeZone: string): readonly HtmlValue[] {
  const { texts } = visit;
  const { search } = texts;
  switch (found.kind) {
    case "person":
      return [
        html`<a href="/people/${found.id}">${found.name}</a><small>${search.person}</small>`,
        html`<span class="nowrap">${found.email}</span>`,
        found.organisation,
        null,
      ];
    case "organisation":
      return [
        html`<a href="/organisations/${found.id}">${found.organisation}</a><small>${search.organisation}</small>`,
        null,
        organisationPill(found.state, texts),
        null,
      ];
    case "token":
      return [
        html`<a href="/tokens/${encodeURIComponent(found.id)}">${grouped(found.id)}</a><small>${search.token}</small>`,
        holder(found, search.nobody),
        tokenPill(found.state, texts),
        null,
      ];
    case "certificate":
      return [
        html`<a href="/certificates/${found.id}">${grouped(found.serialNumber)}</a><small>${search.certificate(found.profile)}</small>`,
        holder(found, search.nobody),
        certificatePill(stateNow(found.state, found.notAfter, visit.now), texts),
        time(found.notAfter, visit, timeZone, "day"),
      ];
  }
}

/** @param result null: nothing was asked for yet */
export function searchPage(visit: Visit, form: FormState, search: Search, result: SearchResult | null, timeZone: string): PageAnswer {
  const { search: texts } = visit.texts;
  const rows = result?.rows.map((found) => row(found, visit, timeZone)) ?? [];
  const isEmpty = rows.length === 0 && search.page === 1;
  const found = html`<h2>${texts.results}</h2>${table({ caption: texts.results, columns: texts.columns, rows, none: texts.none })}
${isEmpty ? possibilities(visit) : null}${pager(visit, search.page, result?.hasNext ?? false)}`;
  return {
    status: Object.keys(form.problems).length === 0 ? 200 : 422,
    title: texts.title,
    body: html`${searchForm(visit, form)}${result === null ? null : found}`,
  };
}

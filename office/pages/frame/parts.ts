// The parts that pages share: pills, lists of facts, dates, serial numbers, pages of a list.

import { type Html, type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import type { Visit } from "../edge/visit.ts";

export type Tone = "good" | "waiting" | "bad" | "over";

/** A state, told by its text; the colour only repeats it. */
export const pill = (text: string, tone: Tone): Html => html`<span class="pill ${tone}">${text}</span>`;

/** What is so short stays in one line. */
const SHORT_GROUPS = 3;

/** Hexadecimal or decimal, in groups of four that can be compared by eye; copied, there are no spaces in it. */
export function grouped(serial: string): Html {
  const groups = serial.match(/.{1,4}/gs) ?? [];
  const isShort = groups.length <= SHORT_GROUPS;
  return html`<code class="number${isShort ? " short" : ""}">${groups.map((group, index) => html`${index === 0 || isShort ? null : html`<wbr>`}<span>${group}</span>`)}</code>`;
}

/** @param timeZone IANA: the office's */
export function time(at: Date, { language }: Visit, timeZone: string, style: "day" | "second" = "second"): Html {
  const options: Intl.DateTimeFormatOptions = style === "day" ? { dateStyle: "long" } : { dateStyle: "medium", timeStyle: "long" };
  const text = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { ...options, timeZone }).format(at);
  return html`<time datetime="${at.toISOString()}">${text}</time>`;
}

export type Fact = readonly [term: string, value: HtmlValue];

/** Terms with their values; a value that is null is not known, and says so. */
export function facts(rows: readonly Fact[], unknown: string): Html {
  return html`<dl class="facts">${rows.map(
    ([term, value]) =>
      html`<div><dt>${term}</dt><dd>${value === null || value === "" ? html`<span class="unknown">${unknown}</span>` : value}</dd></div>`,
  )}</dl>`;
}

/** Earlier and later pages of a list; what was asked for stays in the address. */
export function pager(visit: Visit, page: number, hasNext: boolean): Html | null {
  if (page === 1 && !hasNext) return null;
  const [path = "", query = ""] = visit.path.split("?");
  const link = (to: number, text: string, rel: string): Html => {
    const parameters = new URLSearchParams(query);
    parameters.set("page", String(to));
    return html`<a class="button quiet" rel="${rel}" href="${path}?${parameters.toString()}">${text}</a>`;
  };
  const { pager: texts } = visit.texts;
  return html`<nav class="pager" aria-label="${texts.label}">${page > 1 ? link(page - 1, texts.previous, "prev") : null}
<span>${texts.page(page)}</span>${hasNext ? link(page + 1, texts.next, "next") : null}</nav>`;
}

/** How a form's page is answered: the page again, with what is wrong. */
export const formStatus = ({ problems }: { readonly problems: object }): number => (Object.keys(problems).length === 0 ? 200 : 422);

/** Something that has just been done. */
export const notice = (text: string): Html => html`<p class="notice" role="status">${text}</p>`;

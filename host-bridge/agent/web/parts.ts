// The parts that pages share: the form's hidden field, cards, facts, pills, notices, serial numbers, dates.

import { type Html, type HtmlValue, html } from "../../web/html.ts";
import { shownText } from "../../web/shown-text.ts";
import type { Visit } from "./visit.ts";

/** The hidden field of every form. A form with files (multipart/form-data) has it in its address instead: `uploadAddress`. */
export const formField = ({ formToken }: Visit): Html => html`<input type="hidden" name="csrf" value="${formToken}">`;

/** `action` of a form with files: its token is checked before any of them is read. @param path of ours, without parameters */
export const uploadAddress = ({ formToken }: Visit, path: string): string => `${path}?${new URLSearchParams({ csrf: formToken })}`;

export type Tone = "good" | "waiting" | "bad" | "over";

/** A state, told by its text; the colour only repeats it. */
export const pill = (text: string, tone: Tone): Html => html`<span class="pill ${tone}">${text}</span>`;

/** Something that has just been done. */
export const notice = (text: HtmlValue): Html => html`<p class="notice" role="status">${text}</p>`;

/** Something to know before one goes on. */
export const warning = (text: HtmlValue): Html => html`<div class="warning"><p>${text}</p></div>`;

/** What is wrong with what was sent, at the head of the form; read out at once. */
export const problem = (text: HtmlValue): Html => html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${text}</p></div>`;

/** A name that somebody else wrote: of an office, a person, a file. */
export const named = (text: string): Html => html`<bdi>${shownText(text)}</bdi>`;

export type Fact = readonly [term: string, value: HtmlValue];

export const facts = (rows: readonly Fact[]): Html =>
  html`<dl class="facts">${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;

/** Of a token: in groups that can be compared with its case by eye; copied, there are no spaces in it. */
export const serialNumber = (serial: string): Html =>
  html`<code class="number short">${(serial.match(/.{1,4}/gs) ?? []).map((group) => html`<span>${group}</span>`)}</code>`;

/** In the zone of this computer. */
export function time(at: Date, { language }: Visit, style: "day" | "minute" = "minute"): Html {
  const options: Intl.DateTimeFormatOptions = style === "day" ? { dateStyle: "long" } : { dateStyle: "long", timeStyle: "short" };
  return html`<time datetime="${at.toISOString()}">${new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", options).format(at)}</time>`;
}

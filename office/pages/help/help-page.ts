// The help page, for everybody (S16): what the office says of itself, and frequent questions.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { ConsentDocumentNow, OfficeSettings } from "../../settings/settings.ts";
import type { HelpTexts } from "../../settings/settings-schema.ts";
import type { PageAnswer, Visit } from "../edge/visit.ts";
import { type Fact, facts } from "../frame/parts.ts";

/** Lines as they were typed. */
export const lines = (text: string): Html =>
  html`<p>${text.split("\n").map((line, index) => html`${index === 0 ? null : html`<br>`}${line}`)}</p>`;

function contact({ texts: { help: texts, frame } }: Visit, { email, phone }: OfficeSettings["help"], { hours }: HelpTexts): Html {
  const rows: readonly Fact[] = [
    ...(email === null ? [] : [[texts.email, html`<a href="mailto:${email}">${email}</a>`] as const]),
    ...(phone === null ? [] : [[texts.phone, html`<a href="tel:${phone.replace(/[^+\d]/g, "")}">${phone}</a>`] as const]),
    ...(hours === "" ? [] : [[texts.hours, hours] as const]),
  ];
  return html`<h2>${texts.contact}</h2>${rows.length === 0 ? html`<p class="none">${texts.noContact}</p>` : facts(rows, frame.unknown)}`;
}

const link = ({ title, url }: { readonly title: string; readonly url: string }): Html =>
  html`<li><a href="${url}" rel="noopener noreferrer">${title}</a></li>`;

export function helpPage(visit: Visit, { help, consents }: OfficeSettings, publicUrl: string): PageAnswer {
  const { help: texts } = visit.texts;
  const own = help[visit.language];
  return {
    title: texts.title,
    body: html`${contact(visit, help, own)}
${own.faq.length === 0 ? null : html`<h2>${texts.faq}</h2>${own.faq.map(({ question, answer }) => html`<details class="card"><summary>${question}</summary>${lines(answer)}</details>`)}`}
${own.videos.length === 0 ? null : html`<h2>${texts.videos}</h2><ul>${own.videos.map(link)}</ul>`}
${own.webinar === null ? null : html`<h2>${texts.webinar}</h2><ul>${link(own.webinar)}</ul>`}
<h2>${texts.tools}</h2><p>${texts.toolsText}</p><code class="command">sceau doctor --office ${publicUrl}</code>
<h2>${texts.documents}</h2><ul>${(["terms", "privacy"] as const).map(
      (name) => html`<li><a href="/help/${name}">${texts[name]}</a> (${texts.version(consents[name].version)})</li>`,
    )}</ul>`,
  };
}

/** A document as it holds now. */
export function documentPage(visit: Visit, name: "terms" | "privacy", document: ConsentDocumentNow): PageAnswer {
  const { help: texts } = visit.texts;
  return {
    title: texts[name],
    body: html`<p class="hint">${texts.version(document.version)}</p><section class="card">${lines(document[visit.language])}</section>`,
  };
}

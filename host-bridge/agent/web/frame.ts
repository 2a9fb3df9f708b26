// What is around every page: head, seal, menu, languages.

import { type Html, html } from "../../web/html.ts";
import { SEAL_PATH } from "../../web/seal.ts";
import { STYLE_PATH } from "./style-sheet.ts";
import type { Texts } from "./texts/french.ts";
import { LANGUAGES } from "./texts/language.ts";
import type { PageAnswer, Visit } from "./visit.ts";
import { WAITING_PATH } from "./waiting.ts";

interface MenuEntry {
  readonly path: string;
  readonly text: Exclude<keyof Texts["menu"], "label">;
  /** Beginnings of the paths of pages that belong there. */
  readonly below: readonly string[];
}

const MENU: readonly MenuEntry[] = [
  { path: "/", text: "sign", below: ["/documents/"] },
  { path: "/tokens", text: "tokens", below: ["/tokens/"] },
  { path: "/phrase", text: "phrase", below: [] },
  { path: "/offices", text: "offices", below: ["/request"] },
];

function menu({ path, texts: { menu: texts } }: Visit): Html {
  const here = path.split("?")[0] ?? "";
  const current = (entry: MenuEntry): Html | null => {
    if (here === entry.path) return html` aria-current="page"`;
    return entry.below.some((each) => here.startsWith(each)) ? html` aria-current="true"` : null;
  };
  return html`<nav class="menu" aria-label="${texts.label}"><ul>${MENU.map(
    (entry) => html`<li><a href="${entry.path}"${current(entry)}>${texts[entry.text]}</a></li>`,
  )}</ul></nav>`;
}

function languages({ path: address, texts: { frame: texts }, language: spoken }: Visit): Html {
  const [path = "/", query = ""] = address.split("?");
  const link = (language: string): string => {
    const parameters = new URLSearchParams(query);
    parameters.delete("csrf");
    parameters.set("lang", language);
    return `${path}?${parameters}`;
  };
  return html`<ul class="languages" aria-label="${texts.languages}">${LANGUAGES.map((language) =>
    language === spoken
      ? html`<li><span aria-current="true">${texts.ownName[language]}</span></li>`
      : html`<li><a href="${link(language)}" lang="${language}" hreflang="${language}">${texts.ownName[language]}</a></li>`,
  )}</ul>`;
}

export function frame(visit: Visit, { title, body, next, leavesTo, isWide = false, styles = [], scripts = [] }: PageAnswer): string {
  const { frame: texts } = visit.texts;
  // Without a script: asked for at once; the browser shows this page until the next one is there.
  const refresh = (to: string): Html => html`<meta http-equiv="refresh" content="0; url=${to}">`;
  const waiting =
    next === undefined ? null : html`<noscript>${refresh(next)}</noscript>\n<script type="module" src="${WAITING_PATH}"></script>\n`;
  return html`<!DOCTYPE html>
<html lang="${visit.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${leavesTo === undefined ? null : refresh(leavesTo)}${waiting}<title>${title} – ${texts.name}</title>
<link rel="stylesheet" href="${STYLE_PATH}">
${styles.map((path) => html`<link rel="stylesheet" href="${path}">\n`)}${scripts.map((path) => html`<script type="module" src="${path}"></script>\n`)}<link rel="icon" type="image/svg+xml" href="${SEAL_PATH}">
</head>
<body${isWide ? html` class="wide"` : null}${next === undefined ? null : html` data-waiting="${next}"`}>
<a class="skip" href="#content">${texts.skip}</a>
<header class="top">
<div class="bar">
<a class="brand" href="/"><img src="${SEAL_PATH}" alt="" width="40" height="40"><span>Sceau<small>${texts.agent}</small></span></a>
<div class="aside">${languages(visit)}</div>
</div>
${visit.phrase === null ? null : menu(visit)}
</header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
<footer><p>${texts.footer}</p></footer>
</body>
</html>
`.text;
}

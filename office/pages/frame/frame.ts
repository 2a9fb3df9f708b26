// What is around every page: head, seal, menus, who is signed in, languages.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { SEAL_PATH } from "../../../host-bridge/web/seal.ts";
import type { PageAnswer, PageForm, Visit } from "../edge/visit.ts";
import { LANGUAGES, type Language } from "../texts/language.ts";
import { accountMenu, officersMenu } from "./menu.ts";
import { STYLE_PATH } from "./style-sheet.ts";

const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`;

/** The hidden fields of every form that changes something: one for each session that is open in this browser. */
export const csrfField = ({ session, accountSession }: Visit): Html =>
  html`${hidden("csrf", session?.csrf ?? "")}${accountSession === null ? null : hidden("account-csrf", accountSession.csrf)}`;

function languageForm(visit: Visit, language: Language, { action, fields }: PageForm): Html {
  return html`<form method="post" action="${action}">${csrfField(visit)}${Object.entries(fields).map(([name, value]) => hidden(name, value))}
<button class="quiet" name="lang" value="${language}" lang="${language}">${visit.texts.frame.ownName[language]}</button></form>`;
}

function languages(visit: Visit, again: PageForm | undefined): Html {
  const [path = "/", query = ""] = visit.path.split("?");
  const address = (language: string): string => {
    const parameters = new URLSearchParams(query);
    parameters.set("lang", language);
    return `${path}?${parameters}`;
  };
  return html`<ul class="languages" aria-label="${visit.texts.frame.languages}">${LANGUAGES.map((language) =>
    language === visit.language
      ? html`<li><span aria-current="true">${visit.texts.frame.ownName[language]}</span></li>`
      : again !== undefined
        ? html`<li>${languageForm(visit, language, again)}</li>`
        : html`<li><a href="${address(language)}" lang="${language}" hreflang="${language}">${visit.texts.frame.ownName[language]}</a></li>`,
  )}</ul>`;
}

function signOutForm(visit: Visit, action: string, name: string, button: string): Html {
  return html`<form class="who" method="post" action="${action}">${csrfField(visit)}<span>${name}</span>
    <button class="quiet">${button}</button></form>`;
}

function who(visit: Visit): readonly (Html | null)[] {
  const { session, account, texts } = visit;
  return [
    session === null ? null : signOutForm(visit, "/sign-out", session.officer.name, texts.frame.signOut),
    account === null ? null : signOutForm(visit, "/account/sign-out", account.email, texts.account.signOut),
  ];
}

/** The title is the page's heading, too. */
export function frame(visit: Visit, { title, body, again }: PageAnswer): string {
  const { frame: texts } = visit.texts;
  return html`<!DOCTYPE html>
<html lang="${visit.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} – ${texts.name}</title>
<link rel="stylesheet" href="${STYLE_PATH}">
<link rel="icon" type="image/svg+xml" href="${SEAL_PATH}">
</head>
<body>
<a class="skip" href="#content">${texts.skip}</a>
<header class="top">
<div class="bar">
<a class="brand" href="/"><img src="${SEAL_PATH}" alt="" width="40" height="40"><span>Sceau<small>${texts.office}</small></span></a>
<div class="aside">${who(visit)}${languages(visit, again)}</div>
</div>
${officersMenu(visit)}${accountMenu(visit)}
</header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
<footer><p>${texts.notQualified} <a href="/help">${visit.texts.menu.help}</a> · <a href="/ca">${visit.texts.menu.authority}</a></p></footer>
</body>
</html>
`.text;
}

// The settings: what is set, and a form for each part of it.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { OfficeSettings } from "../../settings/settings.ts";
import type { DocumentName, DocumentVersions } from "../../settings/settings-schema.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList, select, textArea } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, notice } from "../frame/parts.ts";

const MAX_LINE = 300;
const MAX_TEXT = 40_000;

const change = ({ texts: { settings } }: OfficerVisit, path: string, what: string): Html =>
  html`<p><a class="button quiet" href="${path}">${settings.change}<span class="unseen"> (${what})</span></a></p>`;

export function settingsPage(visit: OfficerVisit, settings: OfficeSettings, versions: DocumentVersions, isSaved: boolean): PageAnswer {
  const { settings: texts, help, frame } = visit.texts;
  const own = settings.help[visit.language];
  const document = (name: DocumentName) =>
    html`<section class="card"><h3>${help[name]}</h3><p>${texts.holds(settings.consents[name].version)} · ${texts.versions(versions[name].length)}</p>
<p><a href="/help/${name}">${help[name]}</a></p>${change(visit, `/settings/${name}`, help[name])}</section>`;
  return {
    title: texts.title,
    body: html`${isSaved ? notice(texts.saved) : null}<p>${texts.text}</p>
<h2>${texts.helpTitle}</h2>${facts(
      [
        [texts.email, settings.help.email],
        [texts.phone, settings.help.phone],
        [texts.hours, own.hours],
        [texts.faq, own.faq.length],
        [texts.videos, own.videos.length],
      ],
      frame.unknown,
    )}${change(visit, "/settings/help", texts.helpTitle)}
<h2>${texts.documentsTitle}</h2>${document("terms")}${document("privacy")}
<h2>${texts.periodsTitle}</h2>${facts(
      [
        [texts.evidenceDays, settings.evidenceDays],
        [texts.dossierDays, settings.dossierDays],
        [texts.qcp, settings.offersQcp ? texts.qcpYes : texts.qcpNo],
      ],
      frame.unknown,
    )}${change(visit, "/settings/periods", texts.periodsTitle)}`,
  };
}

function actions({ texts: { settings, frame } }: OfficerVisit): Html {
  return html`<p class="actions"><button>${settings.save}</button><a class="button quiet" href="/settings">${frame.cancel}</a></p>`;
}

export function helpSettingsPage(visit: OfficerVisit, form: FormState): PageAnswer {
  const { settings: texts } = visit.texts;
  const inLanguage = (
    suffix: "Fr" | "En",
    language: "fr" | "en",
  ): Html => html`<fieldset class="field"><legend>${texts.language[language]}</legend>
${input(form, `hours${suffix}`, { label: texts.hours, hint: texts.hoursHint }, visit.texts, { maxLength: MAX_LINE })}
${textArea(form, `faq${suffix}`, { label: texts.faq, hint: texts.faqHint }, visit.texts, MAX_TEXT, false)}
${textArea(form, `videos${suffix}`, { label: texts.videos, hint: texts.videosHint }, visit.texts, MAX_TEXT, false)}
${input(form, `webinar${suffix}`, { label: texts.webinar, hint: texts.webinarHint }, visit.texts, { maxLength: MAX_LINE * 2 })}</fieldset>`;
  const of = (label: string, language: "fr" | "en"): string => `${label} (${texts.language[language]})`;
  const labels = {
    email: texts.email,
    phone: texts.phone,
    hoursFr: of(texts.hours, "fr"),
    faqFr: of(texts.faq, "fr"),
    videosFr: of(texts.videos, "fr"),
    webinarFr: of(texts.webinar, "fr"),
    hoursEn: of(texts.hours, "en"),
    faqEn: of(texts.faq, "en"),
    videosEn: of(texts.videos, "en"),
    webinarEn: of(texts.webinar, "en"),
  };
  return {
    status: formStatus(form),
    title: texts.helpTitle,
    body: html`${problemList(form, visit.texts, labels)}
<form method="post" action="/settings/help" novalidate>${csrfField(visit)}
${input(form, "email", { label: texts.email }, visit.texts, { type: "email", maxLength: MAX_LINE })}
${input(form, "phone", { label: texts.phone }, visit.texts, { maxLength: MAX_LINE })}
${inLanguage("Fr", "fr")}${inLanguage("En", "en")}${actions(visit)}</form>`,
  };
}

export function documentSettingsPage(visit: OfficerVisit, name: DocumentName, version: string, form: FormState): PageAnswer {
  const { settings: texts } = visit.texts;
  return {
    status: formStatus(form),
    title: texts.documentTitle[name],
    body: html`${problemList(form, visit.texts, { fr: texts.inFrench, en: texts.inEnglish })}
<p>${texts.documentText}</p><p>${texts.holds(version)}</p>
<form method="post" action="/settings/${name}" novalidate>${csrfField(visit)}
${textArea(form, "fr", { label: texts.inFrench }, visit.texts, MAX_TEXT)}
${textArea(form, "en", { label: texts.inEnglish }, visit.texts, MAX_TEXT)}${actions(visit)}</form>`,
  };
}

export function periodsPage(visit: OfficerVisit, form: FormState): PageAnswer {
  const { settings: texts } = visit.texts;
  const options = { inputMode: "numeric", isRequired: true, maxLength: 4 } as const;
  return {
    status: formStatus(form),
    title: texts.periodsTitle,
    body: html`${problemList(form, visit.texts, { evidenceDays: texts.evidenceDays, dossierDays: texts.dossierDays, qcp: texts.qcp })}
<form method="post" action="/settings/periods" novalidate>${csrfField(visit)}
${input(form, "evidenceDays", { label: texts.evidenceDays, hint: texts.evidenceHint }, visit.texts, options)}
${input(form, "dossierDays", { label: texts.dossierDays, hint: texts.dossierHint }, visit.texts, options)}
${select(form, "qcp", { label: texts.qcp, hint: texts.qcpHint }, visit.texts, [
  ["no", texts.qcpNo],
  ["yes", texts.qcpYes],
])}${actions(visit)}</form>`,
  };
}

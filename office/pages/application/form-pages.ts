// The form, in three parts: details, questions, consents. What was typed is kept at every error.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { Level } from "../../dossiers/certificate-level.ts";
import { consentTo, type ShownDocument } from "../../dossiers/consents.ts";
import { QUESTIONS, type Question } from "../../dossiers/questions.ts";
import type { FormState } from "../edge/form.ts";
import type { AccountVisit, PageAnswer } from "../edge/visit.ts";
import { choices, input, problemList, select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, notice } from "../frame/parts.ts";
import { consentValue, QUESTION_NUMBERS } from "./application-forms.ts";
import type { NamedRecord, OwnDossier } from "./application-records.ts";
import { stepper } from "./stepper.ts";

export const PARTS = ["details", "questions", "consents"] as const;
export type Part = (typeof PARTS)[number];

/** Which parts are filled in. */
export type FilledParts = Readonly<Record<"details" | "questions", boolean>>;

const partPath = (dossierId: string, part: Part): string => `/my/dossiers/${dossierId}/${part}`;

/** A part can be gone to when those before it are filled in. */
function parts({ texts }: AccountVisit, dossierId: string, here: Part, filled: FilledParts): Html {
  const { parts: labels } = texts.application;
  const isReady = { details: true, questions: filled.details, consents: filled.details && filled.questions };
  const isFilled = { ...filled, consents: false };
  return html`<nav class="tabs" aria-label="${labels.label}"><ul>${PARTS.map((part, index) => {
    const name = html`${index + 1}. ${labels[part]}${isFilled[part] ? html`<span class="unseen"> (${labels.saved})</span>` : null}`;
    if (part === here) return html`<li><a href="${partPath(dossierId, part)}" aria-current="page">${name}</a></li>`;
    return isReady[part] ? html`<li><a href="${partPath(dossierId, part)}">${name}</a></li>` : html`<li><span>${name}</span></li>`;
  })}</ul></nav>`;
}

/** What there is to choose from. */
export interface Offered {
  /** That may authorise it. */
  readonly associations: readonly NamedRecord[];
  readonly levels: readonly Level[];
}

/** Only where there is a choice. */
function levelField({ texts }: AccountVisit, form: FormState, levels: readonly Level[]): Html | null {
  const { profile, profileHint } = texts.application.details;
  if (levels.length < 2) return null;
  const options = levels.map((level) => [level, texts.profile(level)] as const);
  return choices(form, "profile", { label: profile, hint: profileHint }, texts, options, "radio");
}

export function detailsPage(
  visit: AccountVisit,
  form: FormState,
  { dossier, organisation }: OwnDossier,
  { associations, levels }: Offered,
  filled: FilledParts,
): PageAnswer {
  const { texts } = visit;
  const { details } = texts.application;
  const isInvited = dossier.organisationId !== null;
  const labels = {
    givenName: details.givenName,
    surname: details.surname,
    phone: details.phone,
    association: texts.application.apply.association,
    title: details.title_,
    memberNumber: details.memberNumber,
    profile: details.profile,
    language: details.language,
  };
  const named = associations.map(({ id, name }) => [id, name] as const);
  const options = isInvited ? [["", details.noAssociation] as const, ...named] : named;
  const required = { isRequired: true, maxLength: 64 };
  const ofMember = { isRequired: !isInvited, maxLength: 64 };
  const hint = (text: string): string => (isInvited ? `${text} ${details.optional}` : text);
  return {
    status: formStatus(form),
    title: details.title,
    body: html`${stepper(visit, 1)}${parts(visit, dossier.id, "details", filled)}${problemList(form, texts, labels)}<p>${details.text}</p>
<form method="post" action="${partPath(dossier.id, "details")}" novalidate>${csrfField(visit)}
<p><b>${details.email}</b><br>${dossier.email}<br><span class="hint">${details.emailText}</span></p>
${organisation === null ? null : html`<p><b>${details.organisation}</b><br>${organisation}</p>`}
${input(form, "givenName", { label: labels.givenName }, texts, { ...required, autocomplete: "given-name" })}
${input(form, "surname", { label: labels.surname }, texts, { ...required, autocomplete: "family-name" })}
${input(form, "phone", { label: labels.phone, hint: details.phoneHint }, texts, { isRequired: true, maxLength: 30, autocomplete: "tel", inputMode: "tel" })}
${select(form, "association", { label: labels.association, hint: texts.application.apply.associationHint }, texts, options)}
${input(form, "title", { label: labels.title, hint: hint(details.titleHint) }, texts, { ...ofMember, autocomplete: "organization-title" })}
${input(form, "memberNumber", { label: labels.memberNumber, hint: hint(details.memberNumberHint) }, texts, ofMember)}
${levelField(visit, form, levels)}
${select(form, "language", { label: labels.language }, texts, [
  ["fr", texts.frame.ownName.fr],
  ["en", texts.frame.ownName.en],
])}
<p class="actions"><button>${details.save}</button><a class="button quiet" href="/my/dossiers/${dossier.id}">${texts.frame.cancel}</a></p></form>`,
  };
}

export interface KeptQuestions {
  readonly questions: readonly Question[];
  /** A dossier relies on them: they stay. */
  readonly areFixed: boolean;
}

function kept({ texts }: AccountVisit, dossierId: string, { questions, areFixed }: KeptQuestions): Html | null {
  const { questions: labels } = texts.application;
  if (questions.length === 0) return null;
  return html`<section class="card"><h2>${labels.keptTitle}</h2><ul>${questions.map((question) => html`<li>${labels.names[question]}</li>`)}</ul>
<p>${areFixed ? labels.kept : labels.keptDraft}</p>
<p class="actions"><a class="button" href="${partPath(dossierId, "consents")}">${labels.keep}</a></p></section>`;
}

export function questionsPage(
  visit: AccountVisit,
  form: FormState,
  dossierId: string,
  keptQuestions: KeptQuestions,
  filled: FilledParts,
): PageAnswer {
  const { texts } = visit;
  const { questions: labels } = texts.application;
  const fieldLabels = Object.fromEntries(
    QUESTION_NUMBERS.flatMap((number) => [
      [`question${number}`, labels.question[number - 1] ?? ""],
      [`answer${number}`, labels.answer[number - 1] ?? ""],
    ]),
  );
  const label = (name: string): string => fieldLabels[name] ?? name;
  const options = [["", labels.choose] as const, ...QUESTIONS.map((question) => [question, labels.names[question]] as const)];
  const one = (number: number): Html => html`${select(form, `question${number}`, { label: label(`question${number}`) }, texts, options)}
${input(form, `answer${number}`, { label: label(`answer${number}`), hint: number === 1 ? labels.hint : null }, texts, { isRequired: true, maxLength: 200 })}`;
  const isNew = keptQuestions.questions.length === 0;
  return {
    status: formStatus(form),
    title: labels.title,
    body: html`${stepper(visit, 1)}${parts(visit, dossierId, "questions", filled)}${problemList(form, texts, fieldLabels)}<p>${labels.text}</p>
${kept(visit, dossierId, keptQuestions)}
${
  keptQuestions.areFixed
    ? null
    : html`${isNew ? null : html`<h2>${labels.others}</h2>`}
<form method="post" action="${partPath(dossierId, "questions")}" novalidate>${csrfField(visit)}${QUESTION_NUMBERS.map(one)}
<p class="actions"><button${isNew ? null : html` class="quiet"`}>${labels.save}</button></p></form>`
}`,
  };
}

/** Paragraphs are apart by an empty line. */
const paragraphs = (text: string): readonly Html[] => text.split(/\n\s*\n/).map((paragraph) => html`<p>${paragraph.trim()}</p>`);

export type SendingProblem = "changed" | "closed" | "incomplete";

export interface Sending {
  readonly documents: readonly ShownDocument[];
  /** Why it was not sent, when that is about no field. */
  readonly problem: SendingProblem | null;
}

const NAMES = { terms: "terms", privacy: "privacy" } as const;
const AGREES = { terms: "termsAgree", privacy: "privacyAgree" } as const;

export function consentsPage(visit: AccountVisit, form: FormState, own: OwnDossier, { documents, problem }: Sending): PageAnswer {
  const { texts } = visit;
  const { consents, own: labels, details, apply } = texts.application;
  const { dossier } = own;
  const change = (part: Part): Html =>
    html`<p class="actions"><a class="button quiet" href="${partPath(dossier.id, part)}">${consents.change}</a></p>`;
  const shown = documents.map((document) => {
    const title = consents[NAMES[document.document]];
    return html`<section class="card"><h2>${title}</h2><p class="hint">${consents.version(document.version)}</p>
<div class="document" tabindex="0" role="region" aria-label="${title}">${paragraphs(document.text)}</div>
${choices(form, document.document, { label: consents.agreement }, texts, [[consentValue(consentTo(document)), consents[AGREES[document.document]]]], "checkbox")}</section>`;
  });
  const isFine = problem === null;
  return {
    status: isFine ? formStatus(form) : problem === "changed" ? 422 : 409,
    title: consents.title,
    body: html`${stepper(visit, 1)}${parts(visit, dossier.id, "consents", { details: true, questions: true })}
${problemList(form, texts, { terms: consents.terms, privacy: consents.privacy })}
${isFine ? null : html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${consents[problem]}</p></div>`}<p>${consents.text}</p>
<h2>${consents.yours}</h2>${facts(
      [
        [details.givenName, dossier.givenName],
        [details.surname, dossier.surname],
        [details.email, dossier.email],
        [details.phone, dossier.phone],
        [details.profile, texts.profile(dossier.profile)],
        ...(own.organisation === null ? [] : [[details.organisation, own.organisation] as const]),
        ...(own.association === null
          ? []
          : [[apply.association, own.association] as const, [labels.membership, `${dossier.title}, ${dossier.memberNumber}`] as const]),
      ],
      texts.frame.unknown,
    )}${change("details")}
<form method="post" action="${partPath(dossier.id, "consents")}" novalidate>${csrfField(visit)}${shown}
<p class="actions"><button>${consents.send}</button></p></form>`,
  };
}

export const sentNotice = ({ texts }: AccountVisit): Html => notice(texts.application.own.sent);

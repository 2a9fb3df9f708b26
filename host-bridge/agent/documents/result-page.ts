// What came of it: the signed documents to be saved, each with what a reader of it will find; and those that are not signed, with the reason.

import { type Html, html } from "../../web/html.ts";
import { isolated } from "../../web/shown-text.ts";
import { type Fault, faultOf } from "../web/faults.ts";
import { formField, named, notice, pill, warning } from "../web/parts.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";
import type { DocumentParts } from "./document-parts.ts";
import type { DocumentSet, SignedDocument } from "./document-set.ts";
import { DOCUMENTS_STYLE_PATH } from "./documents-style.ts";
import { type Reliance, reportCards, verdictPill } from "./report-view.ts";
import { signPath } from "./sign-page.ts";

function signedCard(set: DocumentSet, index: number, { name, reports }: SignedDocument, visit: Visit, reliance: Reliance): Html {
  const { result: texts } = visit.texts.documents;
  const isAlone = set.documents.length === 1;
  return html`<section class="card result"><div class="saving"><h2>${named(name)}</h2>
<a class="button" href="/documents/${set.id}/${index}/signed" download="${name}" aria-label="${texts.saveNamed(isolated(name))}">${texts.save}</a></div>
<details${isAlone ? html` open` : null}><summary>${texts.report}${reports.map((report) => verdictPill(report, visit, reliance))}</summary>${reportCards(reports, visit, reliance)}</details></section>`;
}

function unsignedCard(set: DocumentSet, index: number, visit: Visit): Html {
  const { result: texts, files } = visit.texts.documents;
  const { name, refusal } = set.document(index);
  return html`<section class="card result"><div class="saving"><h2>${named(name)}</h2>${pill(texts.notSigned, "bad")}</div>${
    refusal === null ? null : html`<p>${files[refusal]}</p>`
  }</section>`;
}

function titleOf(set: DocumentSet, visit: Visit): string {
  const { result: texts } = visit.texts.documents;
  const { signedCount, documents } = set;
  if (signedCount === 0) return texts.titleOfNone;
  if (signedCount < documents.length) return texts.titleOfSome(signedCount, documents.length);
  return signedCount === 1 ? texts.title : texts.titleOfSeveral(signedCount);
}

function interruption(set: DocumentSet, fault: Fault, visit: Visit): Html {
  const { result: texts } = visit.texts.documents;
  return html`${warning(html`${texts.interrupted} ${texts.why}${visit.language === "fr" ? "\u00a0" : ""}: ${fault.title}. ${fault.text}`)}
<p class="actions"><a class="button" href="${signPath(set)}">${texts.signRest(set.unsigned.length)}</a></p>`;
}

/** @param id for the log, when the interruption was one that nobody foresaw */
export function resultPage(set: DocumentSet, visit: Visit, parts: DocumentParts, id: string): PageAnswer {
  const { result: texts, home } = visit.texts.documents;
  const signers = new Set(set.documents.flatMap((_, index) => set.signed(index)?.signer ?? []));
  const done = set.documents.length === 1 ? texts.done : texts.doneSeveral;
  const reliance = { known: parts.authorities.known(), folder: parts.authorities.path };
  const fault = set.interruption === null ? null : faultOf(set.interruption, visit.texts, parts.faultReaders);
  if (fault?.isUnexpected) parts.tellUnexpected(set.interruption, id);
  return {
    title: titleOf(set, visit),
    styles: [DOCUMENTS_STYLE_PATH],
    body: html`${set.signedCount === 0 ? null : notice(done([...signers].map(isolated).join(", ")))}${fault === null ? null : interruption(set, fault, visit)}
${set.signedCount < 2 ? null : html`<p class="actions first"><a class="button" href="/documents/${set.id}/archive" download="${texts.archive}">${texts.saveAll}</a></p>`}
${set.documents.map((_, index) => {
  const signed = set.signed(index);
  return signed === null ? unsignedCard(set, index, visit) : signedCard(set, index, signed, visit, reliance);
})}
<div class="actions"><a class="button quiet" href="/">${texts.another}</a>
<form method="post" action="/documents/${set.id}/forget">${formField(visit)}<button class="quiet">${texts.forget}</button></form></div>
<p class="hint result-end">${texts.notSavedYet} ${home.limitsKept}</p>`,
  };
}

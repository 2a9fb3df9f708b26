// The documents of a set: seen by pdf.js, with the signatures that they have, and the form to sign them.

import { type Html, html } from "../../web/html.ts";
import { named, pill, problem } from "../web/parts.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";
import type { DocumentParts } from "./document-parts.ts";
import type { DocumentSet } from "./document-set.ts";
import { DOCUMENTS_STYLE_PATH } from "./documents-style.ts";
import { orderForm, type TypedOrder } from "./order-form.ts";
import { reportCards, reportSummary } from "./report-view.ts";
import { SEAL_HEIGHT_POINTS, SEAL_MARGIN_POINTS, SEAL_WIDTH_POINTS } from "./seal-place.ts";
import { PDFJS_PATH, VIEWER_PATH } from "./viewer-files.ts";

const LESS = "\u2212";

function viewer(set: DocumentSet, shown: number, visit: Visit): Html {
  const { seen: texts } = visit.texts.documents;
  const { name } = set.document(shown);
  const file = `/documents/${set.id}/${shown}/file`;
  const button = (value: string, words: string, sign: string): Html =>
    html`<button type="button" class="quiet" value="${value}" aria-label="${words}" title="${words}">${sign}</button>`;
  const other = html`<a href="${file}" target="_blank" rel="noopener">${texts.openElsewhere}</a>`;
  return html`<section class="viewer" data-viewer data-pdfjs="${PDFJS_PATH}" data-file="${file}" data-page="${texts.page}" data-seal-text="${texts.sealPreview}"
 data-seal-width="${SEAL_WIDTH_POINTS}" data-seal-height="${SEAL_HEIGHT_POINTS}" data-seal-margin="${SEAL_MARGIN_POINTS}" aria-label="${texts.viewer}">
<div class="viewer-bar" hidden>${button("previous", texts.previous, "↑")}${button("next", texts.next, "↓")}<output></output>${button("out", texts.zoomOut, LESS)}${button("in", texts.zoomIn, "+")}${button("fit", texts.fit, "↔")}</div>
<div class="sheets" role="region" aria-label="${texts.viewerOf(name)}" tabindex="0"><p class="loading" role="status">${texts.loading}</p>
<noscript><p>${texts.withoutScript} ${other}</p></noscript><p class="not-shown" role="alert" hidden>${texts.notShown} ${other}</p></div>
</section>`;
}

function refusedList(set: DocumentSet, visit: Visit): Html | null {
  const { files, seen } = visit.texts.documents;
  if (set.refused.length === 0) return null;
  return html`<div class="problems" role="alert"><p>${seen.refusedFiles}</p><ul>${set.refused.map(
    ({ name, refusal }) => html`<li><strong>${named(name)}</strong><br>${files[refusal]}</li>`,
  )}</ul></div>`;
}

function documentList(set: DocumentSet, shown: number, visit: Visit): Html | null {
  const { seen: texts } = visit.texts.documents;
  if (set.documents.length < 2) return null;
  return html`<nav class="document-list" aria-label="${texts.list}"><ul>${set.documents.map(({ name, pages, refusal }, index) => {
    const state = set.signed(index) !== null ? pill(texts.signedAlready, "good") : refusal === null ? null : pill(texts.notSignable, "bad");
    return html`<li><a href="/documents/${set.id}?seen=${index}"${index === shown ? html` aria-current="true"` : null}>${named(name)}</a> <small>${texts.pages(pages.length)}</small> ${state}</li>`;
  })}</ul></nav>`;
}

/** In place of the form, when there is nothing left to be signed. */
function nothingToSign(set: DocumentSet, visit: Visit): Html {
  const { order: texts } = visit.texts.documents;
  const link = html`<p class="actions"><a class="button" href="/documents/${set.id}/signed">${texts.toResult}</a></p>`;
  if (set.signedCount > 0) return html`<section class="card"><p>${texts.allSigned}</p>${link}</section>`;
  const refusals = [...new Set(set.documents.flatMap(({ refusal }) => refusal ?? []))];
  return html`<section class="card"><h2>${visit.texts.documents.seen.notSignable}</h2>${refusals.map((refusal) => html`<p>${visit.texts.documents.files[refusal]}</p>`)}</section>`;
}

/** What the document has that its pages don't show, before anything is signed. @param isFirst it must be looked at before the others are signed with it */
function hiddenParts(set: DocumentSet, shown: number, visit: Visit, isFirst: boolean): Html | null {
  const { seen: texts, features: words } = visit.texts.documents;
  const { features } = set.document(shown);
  if (features.length === 0) return null;
  return html`<div class="warning">${isFirst ? html`<p><strong>${texts.lookFirst}</strong></p>` : null}<p>${texts.beside}</p><ul>${features.map(
    (feature) => html`<li>${words[feature]}</li>`,
  )}</ul><p>${texts.besideAdvice}</p></div>`;
}

/** The only file of a set could not be opened: the page says why, and what to do. */
function refusedPage(set: DocumentSet, visit: Visit): PageAnswer {
  const { files, seen, home } = visit.texts.documents;
  const [only, ...more] = set.refused;
  const body =
    more.length === 0 && only !== undefined
      ? problem(html`<strong>${named(only.name)}</strong><br>${files[only.refusal]}`)
      : refusedList(set, visit);
  return {
    status: 422,
    title: more.length === 0 ? seen.refusedTitle : seen.refusedFiles,
    body: html`${body}<p class="actions"><a class="button" href="/">${home.title}</a></p>`,
  };
}

/** @param shown index of the document that is seen @throws DocumentError unknown */
export function seenPage(
  set: DocumentSet,
  shown: number,
  visit: Visit,
  { authorities }: DocumentParts,
  { typed, isFirst = false }: { readonly typed?: TypedOrder; readonly isFirst?: boolean } = {},
): PageAnswer {
  const { seen: texts } = visit.texts.documents;
  if (set.documents.length === 0) return refusedPage(set, visit);
  const { name, reports } = set.document(shown);
  set.markSeen(shown);
  const reliance = { known: authorities.known(), folder: authorities.path };
  const title = set.documents.length === 1 ? name : texts.titleOfSeveral(set.documents.length);
  return {
    status: typed?.isReasonWrong === true ? 422 : 200,
    title,
    isWide: true,
    policy: "documents",
    styles: [DOCUMENTS_STYLE_PATH],
    scripts: [VIEWER_PATH],
    body: html`${refusedList(set, visit)}${documentList(set, shown, visit)}${hiddenParts(set, shown, visit, isFirst)}${reportSummary(reports, visit, reliance)}
<div class="beside">${viewer(set, shown, visit)}<div class="aside-column">${set.unsigned.length > 0 ? orderForm(visit, set, typed) : nothingToSign(set, visit)}</div></div>
<h2 id="signatures">${texts.existing}</h2>${reports.length === 0 ? html`<p class="none">${texts.none}</p>` : reportCards(reports, visit, reliance)}`,
  };
}

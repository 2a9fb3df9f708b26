// The start page: where documents are dropped, and which are still there.

import { type Html, html } from "../../web/html.ts";
import { isolated } from "../../web/shown-text.ts";
import { formField, notice, uploadAddress } from "../web/parts.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";
import type { DocumentSet } from "./document-set.ts";
import { DOCUMENTS_STYLE_PATH } from "./documents-style.ts";
import { KEEP_MINUTES, MAX_FILE_BYTES, MAX_FILES, MEGABYTE } from "./limits.ts";
import { DROP_PATH } from "./viewer-files.ts";

const NAMES_SHOWN = 2;

function keptSet(set: DocumentSet, visit: Visit): Html {
  const { home } = visit.texts.documents;
  const shown = set.documents.slice(0, NAMES_SHOWN).map(({ name }) => isolated(name));
  const rest = set.documents.length - shown.length;
  const names = `${shown.join(", ")}${rest > 0 ? ` ${home.others(rest)}` : ""}`;
  const state = set.signedCount === 0 ? home.keptUnsigned : home.keptSigned(set.signedCount, set.documents.length);
  const path = set.signedCount === 0 ? `/documents/${set.id}` : `/documents/${set.id}/signed`;
  return html`<li><a href="${path}"><bdi>${names}</bdi></a> <small>${state}</small>
<form method="post" action="/documents/${set.id}/forget">${formField(visit)}<button class="quiet small" aria-label="${home.forgetNamed(names)}">${home.forget}</button></form></li>`;
}

export function dropPage(visit: Visit, sets: readonly DocumentSet[], isForgotten: boolean): PageAnswer {
  const { documents: texts } = visit.texts;
  const kept = sets.filter(({ documents }) => documents.length > 0);
  return {
    title: texts.home.title,
    policy: "documents",
    styles: [DOCUMENTS_STYLE_PATH],
    scripts: [DROP_PATH],
    body: html`${isForgotten ? notice(texts.forgotten) : null}
<p class="lead">${texts.home.lead}</p>
<form class="drop" method="post" action="${uploadAddress(visit, "/documents")}" enctype="multipart/form-data">
<label for="files"><strong>${texts.home.drop}</strong> <span>${texts.home.choose}</span></label>
<input id="files" name="files" type="file" multiple required accept="application/pdf,.pdf" aria-describedby="limits">
<p class="hint" id="limits">${texts.home.limits(MAX_FILES, MAX_FILE_BYTES / MEGABYTE, KEEP_MINUTES)}</p>
<p class="actions"><button>${texts.home.open}</button></p></form>
<p class="hint">${texts.home.verifyHint}</p>
${kept.length === 0 ? null : html`<h2>${texts.home.kept}</h2><ul class="kept">${kept.map((set) => keptSet(set, visit))}</ul>`}`,
  };
}

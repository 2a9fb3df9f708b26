// The form beside a document: why it is signed, and where the signature is seen.

import { z } from "zod";
import { type Html, html } from "../../web/html.ts";
import { formField, problem } from "../web/parts.ts";
import type { Visit } from "../web/visit.ts";
import { DocumentError } from "./document-error.ts";
import type { DocumentSet, SigningOrder } from "./document-set.ts";
import { MAX_REASON_CHARACTERS } from "./limits.ts";
import { CORNERS, type Corner, type SealPage } from "./seal-place.ts";

/** So many pages are offered one by one. */
const MOST_PAGES = 400;
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** As they lie on a page. */
const CORNERS_IN_READING_ORDER: readonly Corner[] = ["top-left", "top-right", "bottom-left", "bottom-right"];

const ORDER = z.object({
  reason: z.string().max(10_000),
  page: z.union([z.enum(["none", "first", "last"]), z.coerce.number().int().min(1).max(1_000_000)]),
  corner: z.enum(CORNERS),
});

export interface TypedOrder {
  readonly order: SigningOrder;
  /** The reason can't be taken as it is. */
  readonly isReasonWrong: boolean;
}

/** @throws DocumentError form */
export function readOrder(body: unknown): TypedOrder {
  const result = ORDER.safeParse(body);
  if (!result.success) throw new DocumentError("form");
  const { page, corner } = result.data;
  const reason = result.data.reason.normalize("NFC").trim();
  return { order: { reason, seal: { page, corner } }, isReasonWrong: [...reason].length > MAX_REASON_CHARACTERS || CONTROLS.test(reason) };
}

/** Pages that can be chosen by number: of a document by itself, those between the first and the last. */
function pagesBetween({ documents }: DocumentSet): number[] {
  const [only, ...more] = documents;
  if (only === undefined || more.length > 0) return [];
  return Array.from({ length: Math.min(Math.max(only.pages.length - 2, 0), MOST_PAGES) }, (_, index) => index + 2);
}

function pageSelect(visit: Visit, set: DocumentSet, chosen: SealPage | number): Html {
  const { order: texts } = visit.texts.documents;
  const options: readonly (readonly [SealPage | number, string])[] = [
    ["last", texts.last],
    ["first", texts.first],
    ...pagesBetween(set).map((page) => [page, texts.onPage(page)] as const),
    ["none", texts.nowhere],
  ];
  return html`<div class="field"><label for="page">${texts.page}</label><p class="hint" id="page-hint">${texts.pageHint}</p>
<select id="page" name="page" aria-describedby="page-hint">${options.map(
    ([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : null}>${text}</option>`,
  )}</select></div>`;
}

function cornerChoice(visit: Visit, chosen: Corner): Html {
  const { order: texts } = visit.texts.documents;
  return html`<fieldset class="field corners"><legend>${texts.corner}</legend><div class="leaf">${CORNERS_IN_READING_ORDER.map(
    (corner) =>
      html`<label class="${corner}"><input type="radio" name="corner" value="${corner}" required${corner === chosen ? html` checked` : null}> <span>${texts.corners[corner]}</span></label>`,
  )}</div></fieldset>`;
}

/** @param typed what was sent and has to be changed */
export function orderForm(visit: Visit, set: DocumentSet, typed: TypedOrder = { order: set.order, isReasonWrong: false }): Html {
  const { order: texts } = visit.texts.documents;
  const { reason, seal } = typed.order;
  const told = texts.reasonProblem(MAX_REASON_CHARACTERS);
  return html`<form class="card order" method="post" action="/documents/${set.id}/order">${formField(visit)}
<h2>${set.documents.length === 1 ? texts.title : texts.titleOfSeveral(set.unsigned.length)}</h2>
${typed.isReasonWrong ? problem(told) : null}
<div class="field"><label for="reason">${texts.reason}</label><p class="hint" id="reason-hint">${texts.reasonHint}</p>
<input id="reason" name="reason" value="${reason}" maxlength="${MAX_REASON_CHARACTERS}" autocomplete="off" aria-describedby="reason-hint"${
    typed.isReasonWrong ? html` aria-invalid="true"` : null
  }></div>
${pageSelect(visit, set, seal.page)}
${cornerChoice(visit, seal.corner)}
<p class="actions"><button>${texts.next}</button></p></form>`;
}

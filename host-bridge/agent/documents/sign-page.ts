// Where the holder consents: with which token, what is signed and as whom, and the PIN for it.

import { X509Certificate } from "node:crypto";
import { commonName } from "../../signing/distinguished-name.ts";
import type { SigningKey } from "../../signing/token-signer.ts";
import { type Html, html } from "../../web/html.ts";
import { isolated } from "../../web/shown-text.ts";
import type { PluggedToken } from "../tokens/token-desk.ts";
import { type Fact, facts, formField, named, problem, serialNumber, time } from "../web/parts.ts";
import { secretFields } from "../web/pin-fields.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";
import type { DocumentSet } from "./document-set.ts";
import { DOCUMENTS_STYLE_PATH } from "./documents-style.ts";
import { pageNumber } from "./seal-place.ts";
import { shownOrder } from "./shown-order.ts";

export const signPath = (set: DocumentSet, serial?: string): string =>
  `/documents/${set.id}/sign${serial === undefined ? "" : `?${new URLSearchParams({ token: serial })}`}`;

/** @param version of what is plugged in: the next page is answered when that changes */
export function plugInPage(set: DocumentSet, version: number, visit: Visit): PageAnswer {
  const { sign: texts } = visit.texts.documents;
  return {
    title: texts.plugIn,
    next: `${signPath(set)}?seen=${version}`,
    body: html`<p class="lead" role="status">${texts.plugInText}</p>
<p class="actions"><a class="button quiet" href="/documents/${set.id}">${texts.back}</a></p>`,
  };
}

export function whichTokenPage(set: DocumentSet, tokens: readonly PluggedToken[], visit: Visit): PageAnswer {
  const { sign: texts } = visit.texts.documents;
  return {
    title: texts.which,
    styles: [DOCUMENTS_STYLE_PATH],
    body: html`<p>${texts.whichText}</p><ul class="choices">${tokens.map(
      ({
        info: { serial, model },
        isBusy,
      }) => html`<li class="card"><p>${serialNumber(serial)}<br>${model}${isBusy ? html` <small>${texts.busy}</small>` : null}</p>
<p><a class="button" href="${signPath(set, serial)}" aria-label="${texts.use} ${serial}">${texts.use}</a></p></li>`,
    )}</ul>`,
  };
}

/** The token can't sign before it is unblocked. */
export function blockedPage(serial: string, visit: Visit): PageAnswer {
  const { faults, tokenPages: texts } = visit.texts;
  return {
    status: 409,
    title: faults.blocked.title,
    body: html`${problem(texts.pinBlocked)}<p class="actions"><a class="button" href="/tokens/${serial}/unblock">${texts.toUnblock}</a>
<a class="button quiet" href="/tokens/${serial}">${texts.show}</a></p>`,
  };
}

function sealText({ order: { seal }, documents }: DocumentSet, visit: Visit): string {
  const { order: texts, sign } = visit.texts.documents;
  const [only, ...more] = documents;
  if (seal.page === "none") return sign.noSeal;
  const number = only !== undefined && more.length === 0 ? pageNumber(seal, only.pages.length) : null;
  const page = number !== null ? texts.onPage(number) : seal.page === "first" ? texts.first : texts.last;
  return sign.sealAt(page, texts.corners[seal.corner]);
}

function names(set: DocumentSet): Html | string {
  const all = set.unsigned.map((index) => set.document(index).name);
  return all.length === 1 ? named(all[0] ?? "") : html`<ol>${all.map((name) => html`<li>${named(name)}</li>`)}</ol>`;
}

/** What is signed with the pages and not seen on them; of several documents, by their names. */
function hiddenParts(set: DocumentSet, visit: Visit): Html | null {
  const { features: words } = visit.texts.documents;
  const hidden = set.unsigned.map((index) => set.document(index)).filter(({ features }) => features.length > 0);
  if (hidden.length === 0) return null;
  const list = (features: (typeof hidden)[number]["features"]): Html =>
    html`<ul>${features.map((feature) => html`<li>${words[feature]}</li>`)}</ul>`;
  return html`${hidden.map(({ name, features }) => html`${set.unsigned.length === 1 ? null : named(name)}${list(features)}`)}`;
}

export interface Asked {
  readonly serial: string;
  readonly key: SigningKey;
  readonly triesLeft: number;
  /** What was wrong with the PIN last time. */
  readonly problem?: string;
}

export function signPage(set: DocumentSet, { serial, key, triesLeft, problem: wrong }: Asked, visit: Visit): PageAnswer {
  const { sign: texts } = visit.texts.documents;
  const certificate = new X509Certificate(key.certificate);
  const { unsigned } = set;
  const purpose =
    unsigned.length === 1 ? texts.purpose(isolated(set.document(unsigned[0] ?? 0).name)) : texts.purposeOfSeveral(unsigned.length);
  const hidden = hiddenParts(set, visit);
  const rows: readonly Fact[] = [
    [texts.documents, names(set)],
    ...(hidden === null ? [] : [[texts.beside, hidden] as const]),
    [texts.signer, html`<strong>${named(key.signer)}</strong>`],
    [texts.issuer, named(commonName(certificate.issuer))],
    [texts.validUntil, time(new Date(certificate.validTo), visit, "day")],
    [texts.reason, set.order.reason === "" ? texts.noReason : set.order.reason],
    [texts.seal, sealText(set, visit)],
  ];
  return {
    status: wrong === undefined ? 200 : 422,
    title: texts.title,
    styles: [DOCUMENTS_STYLE_PATH],
    body: html`${wrong === undefined ? null : problem(wrong)}${facts(rows)}
<form class="consent" method="post" action="${signPath(set)}">${formField(visit)}<input type="hidden" name="token" value="${serial}"><input type="hidden" name="shown" value="${shownOrder(set, key.certificate)}">
${secretFields(visit, { purpose, serial, triesLeft, fields: [{ name: "pin", label: texts.pin, kind: "pin", ...(wrong !== undefined && { problem: wrong }) }] })}
<p class="actions"><button>${texts.button}</button><a class="button quiet" href="/documents/${set.id}">${texts.back}</a></p></form>`,
  };
}

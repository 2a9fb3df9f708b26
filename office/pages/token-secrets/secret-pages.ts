// Letting out a token's PUK and management key: the list of requests, asking, deciding, and the one page that shows them.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { MAX_REASON_CHARACTERS } from "../../activation/secret-release.ts";
import type { TokenSecrets } from "../../activation/token-escrow.ts";
import type { SecretReleaseState } from "../../states/secret-release-states.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { problemList, textArea } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, grouped, notice, pill, type Tone, time } from "../frame/parts.ts";
import type { Texts } from "../texts/french.ts";
import { tokenAddress } from "../token/token-page.ts";
import type { ReleaseRecord } from "./secret-records.ts";

const CONFLICT = 409;
const TONES: Readonly<Record<SecretReleaseState, Tone>> = {
  asked: "waiting",
  agreed: "good",
  refused: "bad",
  shown: "over",
  expired: "over",
};

export const releaseAddress = (id: string): string => `/token-secrets/${id}`;
export const askAddress = (serial: string): string => `${tokenAddress(serial)}/secrets`;

const statePill = (state: SecretReleaseState, { tokenSecrets }: Texts): Html => pill(tokenSecrets.states[state], TONES[state]);
const alert = (text: string): Html => html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${text}</p></div>`;

export function releasesPage(visit: OfficerVisit, records: readonly ReleaseRecord[]): PageAnswer {
  const { texts } = visit;
  const { caption, columns, none } = texts.tokenSecrets;
  const rows = records.map(({ release, state, askedBy, timeZone }) => [
    html`<a href="${releaseAddress(release.id)}">${grouped(release.tokenSerial)}</a>`,
    statePill(state, texts),
    askedBy,
    html`<span class="nowrap">${time(release.askedAt, visit, timeZone)}</span>`,
    release.reason,
  ]);
  return {
    title: texts.tokenSecrets.title,
    body: html`<p class="lead">${texts.tokenSecrets.text}</p>${table({ caption, columns, rows, none })}`,
  };
}

/** @param refusal what is against asking: then there is no form */
export function askPage(visit: OfficerVisit, serial: string, form: FormState, refusal: string | null = null): PageAnswer {
  const { texts } = visit;
  const { tokenSecrets } = texts;
  const label = { label: tokenSecrets.reason, hint: tokenSecrets.reasonHint };
  const which = facts([[tokenSecrets.facts.token, html`<a href="${tokenAddress(serial)}">${grouped(serial)}</a>`]], texts.frame.unknown);
  if (refusal !== null) {
    const back = html`<p class="actions"><a class="button quiet" href="/token-secrets">${tokenSecrets.back}</a></p>`;
    return { status: CONFLICT, title: tokenSecrets.askTitle, body: html`${alert(refusal)}${which}${back}` };
  }
  return {
    status: formStatus(form),
    title: tokenSecrets.askTitle,
    body: html`${problemList(form, texts, { reason: tokenSecrets.reason })}${which}<p>${tokenSecrets.askText}</p>
<form method="post" action="${askAddress(serial)}" novalidate>${csrfField(visit)}
${textArea(form, "reason", label, texts, MAX_REASON_CHARACTERS)}
<p class="actions"><button>${tokenSecrets.ask}</button><a class="button quiet" href="${tokenAddress(serial)}">${texts.frame.cancel}</a></p></form>`,
  };
}

/** What this officer can do with it now. */
function whatNext(visit: OfficerVisit, { release, state }: ReleaseRecord): Html | null {
  const { tokenSecrets } = visit.texts;
  const isTheirs = release.askedBy === visit.session.officer.id;
  const address = releaseAddress(release.id);
  const button = (event: string, text: string, kind: string): Html =>
    html`<form method="post" action="${address}/${event}">${csrfField(visit)}<button${kind === "" ? null : html` class="${kind}"`}>${text}</button></form>`;
  if (state === "asked" && isTheirs) return html`<p>${tokenSecrets.waiting}</p>`;
  if (state === "asked")
    return html`<h2>${tokenSecrets.decide}</h2><p>${tokenSecrets.decideText}</p>
<div class="actions">${button("agree", tokenSecrets.agree, "")}${button("refuse", tokenSecrets.refuse, "quiet")}</div>`;
  if (state === "agreed" && isTheirs) return html`<p>${tokenSecrets.showText}</p>${button("show", tokenSecrets.show, "")}`;
  return null;
}

export type Done = "ask" | "agree" | "refuse";

/** @param done what has just been done @param refusal what is against what was tried */
export function releasePage(visit: OfficerVisit, record: ReleaseRecord, done: Done | null, refusal: string | null = null): PageAnswer {
  const { texts } = visit;
  const { tokenSecrets } = texts;
  const { release, state, timeZone } = record;
  const names = tokenSecrets.facts;
  const at = (when: Date | null): Html | null => (when === null ? null : time(when, visit, timeZone));
  return {
    status: refusal === null ? 200 : CONFLICT,
    title: tokenSecrets.pageTitle,
    body: html`${refusal === null ? null : alert(refusal)}${done === null ? null : notice(tokenSecrets.done[done])}
${facts(
  [
    [names.token, html`<a href="${tokenAddress(release.tokenSerial)}">${grouped(release.tokenSerial)}</a>`],
    [names.state, statePill(state, texts)],
    [names.askedBy, record.askedBy],
    [names.askedAt, at(release.askedAt)],
    [names.reason, release.reason],
    ...(record.decidedBy === null ? [] : [[names.decidedBy, record.decidedBy] as const, [names.decidedAt, at(release.decidedAt)] as const]),
    ...(release.shownAt === null ? [] : [[names.shownAt, at(release.shownAt)] as const]),
    [names.expiresAt, at(release.expiresAt)],
  ],
  texts.frame.unknown,
)}
${whatNext(visit, record)}<p class="actions"><a class="button quiet" href="/token-secrets">${tokenSecrets.back}</a></p>`,
  };
}

/** Once. The other language would be another look: the page has none but its own. */
export function shownPage(visit: OfficerVisit, serial: string, { puk, managementKey }: TokenSecrets): PageAnswer {
  const { texts } = visit;
  const { tokenSecrets } = texts;
  return {
    title: tokenSecrets.shownTitle,
    body: html`<p class="warning"><strong>${tokenSecrets.shownText}</strong></p>
${facts(
  [
    [tokenSecrets.facts.token, grouped(serial)],
    [tokenSecrets.puk, html`<code>${Buffer.from(puk).toString("latin1")}</code>`],
    [tokenSecrets.managementKey, grouped(Buffer.from(managementKey).toString("hex"))],
  ],
  texts.frame.unknown,
)}
<p class="actions"><a class="button quiet" href="/token-secrets">${tokenSecrets.back}</a></p>`,
  };
}

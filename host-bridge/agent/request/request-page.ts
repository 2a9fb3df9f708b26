// The page of a request that was taken: what is asked, by which office, for whom; which token; the PIN.

import type { ActivationOrderFacts } from "../../office-client/activation-over-http.ts";
import { type Html, html } from "../../web/html.ts";
import { isolated } from "../../web/shown-text.ts";
import type { PluggedToken, TokenDesk } from "../tokens/token-desk.ts";
import { type Fact, facts, formField, named, serialNumber, time } from "../web/parts.ts";
import { type SecretField, secretFields } from "../web/pin-fields.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";
import type { HeldRequest } from "./held-requests.ts";

export interface Asked {
  readonly held: HeldRequest;
  /** null: it is no activation. */
  readonly facts: ActivationOrderFacts | null;
}

/** What was wrong with the PIN last time. */
export interface PinProblem {
  readonly field: "pin" | "again" | "entrust";
  readonly text: string;
}

function about({ held: { taken, endsAt }, facts: known }: Asked, visit: Visit): Html {
  const { request: texts } = visit.texts;
  const person = known?.person ?? taken.person;
  const rows: Fact[] = [
    [texts.office, named(taken.officeName)],
    [texts.address, html`<span class="origin">${taken.office}</span>`],
    ...(person === null ? [] : [[texts.person, named(person)] as const]),
    ...(known === null ? [] : [[texts.organisation, known.organisation === null ? texts.alone : named(known.organisation)] as const]),
    [texts.until, time(endsAt, visit)],
  ];
  return facts(rows);
}

/** A form of its own, whose button stands beside others. */
const declineForm = ({ held }: Asked, visit: Visit): Html =>
  html`<form id="decline" method="post" action="/request/${held.handle}/decline">${formField(visit)}</form>`;
const declineButton = ({ texts }: Visit): Html => html`<button class="quiet" form="decline">${texts.request.decline}</button>`;

/** The tokens that may be used: for an activation that is bound to one, only that. */
export function usableTokens(desk: TokenDesk, { facts: known }: Asked): PluggedToken[] {
  const bound = known?.token ?? null;
  return desk.tokens().filter(({ info }) => bound === null || info.serial === bound);
}

/** @param next where the browser waits for one */
export function plugPage(asked: Asked, visit: Visit, next: string): PageAnswer {
  const { request: texts } = visit.texts;
  const bound = asked.facts?.token ?? null;
  return {
    title: texts.plugTitle,
    next,
    body: html`${bound === null ? html`<p class="lead" role="status">${texts.plug}</p>` : html`<p class="lead" role="status">${texts.plugThis} ${serialNumber(bound)}</p>`}
${about(asked, visit)}${declineForm(asked, visit)}<p class="actions">${declineButton(visit)}</p>`,
  };
}

export function choicePage(asked: Asked, visit: Visit, tokens: readonly PluggedToken[]): PageAnswer {
  const { request: texts } = visit.texts;
  return {
    title: texts.chooseTitle,
    body: html`<p class="lead">${texts.choose}</p><ul class="choices">${tokens.map(
      ({ info: { serial, model } }) =>
        html`<li><a class="button quiet" href="/request/${asked.held.handle}?token=${serial}">${texts.useToken} ${serialNumber(serial)} <small>${model}</small></a></li>`,
    )}</ul>${about(asked, visit)}${declineForm(asked, visit)}<p class="actions">${declineButton(visit)}</p>`,
  };
}

/** An activation that is done already. */
export function alreadyPage(asked: Asked, visit: Visit): PageAnswer {
  const { request: texts } = visit.texts;
  return {
    title: texts.doneTitle[asked.held.taken.kind],
    body: html`<p class="lead">${texts.already}</p>${about(asked, visit)}<p class="actions"><a class="button" href="${asked.held.taken.returnTo}">${texts.back}</a></p>`,
  };
}

/** What the page with the PIN is about. */
export interface PinQuestion {
  readonly serial: string;
  /** The token is blank: its PIN is chosen here. */
  readonly isNew: boolean;
  /** null: none can be spent. */
  readonly triesLeft: number | null;
  /** Offices that have the token's secrets, and are not this one. */
  readonly others: readonly string[];
  readonly problem: PinProblem | null;
}

/** Who gets the secrets of the token; that others have them is to be confirmed. */
function entrusting(
  { held: { taken }, facts: known }: Asked,
  visit: Visit,
  others: readonly string[],
  problem: string | undefined,
): Html | null {
  const { request: texts } = visit.texts;
  if (known === null || known.issued !== null) return null;
  if (others.length === 0) return html`<p class="hint">${texts.entrusts}</p>`;
  const address = (office: string): Html => html`<span class="origin">${office}</span>`;
  return html`<fieldset class="warning entrust"><legend>${texts.otherOffice}</legend><p>${texts.otherOfficeText}</p>
${facts([
  [texts.hasSecrets, html`${others.map((office) => html`${address(office)} `)}`],
  [texts.wantsSecrets, address(taken.office)],
])}${problem === undefined ? null : html`<p class="problem" id="entrust-problem" role="alert">${problem}</p>`}
<p class="choice"><input type="checkbox" id="entrust" name="entrust" value="${others.join(" ")}" required${problem === undefined ? null : html` aria-invalid="true" aria-describedby="entrust-problem"`}> <label for="entrust">${texts.entrust}</label></p></fieldset>`;
}

export function pinPage(asked: Asked, visit: Visit, { serial, isNew, triesLeft, others, problem }: PinQuestion): PageAnswer {
  const { request: texts, pin } = visit.texts;
  const { taken, handle } = asked.held;
  const told = (field: PinProblem["field"]): { problem?: string } => (problem?.field === field ? { problem: problem.text } : {});
  const fields: readonly SecretField[] = isNew
    ? [
        { name: "pin", label: pin.newPin, kind: "pin", isNew: true, ...told("pin") },
        { name: "again", label: pin.newPinAgain, kind: "pin", ...told("again") },
      ]
    : [{ name: "pin", label: pin.label, kind: "pin", ...told("pin") }];
  return {
    status: problem === null ? 200 : 422,
    title: texts.title[taken.kind],
    body: html`<p class="lead">${texts.text[taken.kind]}</p>${about(asked, visit)}
<form class="consent" method="post" action="/request/${handle}">${formField(visit)}<input type="hidden" name="token" value="${serial}"><input type="hidden" name="new" value="${isNew ? "1" : "0"}">
${entrusting(asked, visit, others, told("entrust").problem)}${isNew ? html`<p>${texts.newPin}</p>` : null}${secretFields(visit, { purpose: texts.purpose[taken.kind](isolated(taken.officeName)), serial, triesLeft, fields })}
<p class="actions"><button>${texts.button[taken.kind]}</button> ${declineButton(visit)}</p></form>${declineForm(asked, visit)}`,
  };
}

/** Done: the browser goes back to the office at once; who reads slowly finds the link there. */
export function donePage({ held }: { readonly held: HeldRequest }, visit: Visit, to: string): PageAnswer {
  const { request: texts } = visit.texts;
  const { kind } = held.taken;
  return {
    title: texts.doneTitle[kind],
    leavesTo: to,
    body: html`<p class="notice" role="status">${texts.done[kind]}</p><p class="actions"><a class="button" href="${to}">${texts.back}</a></p>`,
  };
}

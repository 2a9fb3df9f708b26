// The holder's activation (S15): the reference number, the three questions, and on to the token.

import { agentAddress } from "../../../host-bridge/agent/agent-address.ts";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { ActivationOutcome } from "../../activation/activation-outcome.ts";
import { MAX_ANSWER_CHARACTERS, type Question } from "../../dossiers/questions.ts";
import { stepper } from "../application/stepper.ts";
import { FormState } from "../edge/form.ts";
import type { Edge, PageAnswer, Visit } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { formStatus, notice } from "../frame/parts.ts";
import { handOver } from "./hand-over.ts";

const UNPROCESSABLE = 422;
const MAX_REFERENCE = 60;

const alert = (text: string): Html => html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${text}</p></div>`;

/** The guide's four troubles (S14), and the program that finds them: before a number is typed. */
function troublesFirst({ texts: { activation } }: Visit, publicUrl: string): Html {
  return html`<p>${activation.check}</p><code class="command">sceau doctor --office ${publicUrl}</code>
<details><summary>${activation.troublesTitle}</summary><ul>${activation.troubles.map((text) => html`<li>${text}</li>`)}</ul>
<p>${activation.doctor}</p></details>`;
}

/** @param refusal what is said of a number that leads nowhere */
export function referencePage(visit: Visit, publicUrl: string, form = new FormState(), refusal: string | null = null): PageAnswer {
  const { texts } = visit;
  const { activation } = texts;
  const label = { label: activation.reference, hint: activation.referenceHint };
  return {
    status: refusal === null ? formStatus(form) : UNPROCESSABLE,
    title: activation.title,
    body: html`${stepper(visit, 4)}${refusal === null ? null : alert(refusal)}${problemList(form, texts, { reference: activation.reference })}
<p class="lead">${activation.text}</p>
<p>${activation.before}</p><code class="command">sceau agent</code>${troublesFirst(visit, publicUrl)}
<form method="post" action="/activate" novalidate>${csrfField(visit)}
${input(form, "reference", label, texts, { isRequired: true, maxLength: MAX_REFERENCE })}
<p class="actions"><button>${activation.goOn}</button></p></form>`,
    again: { action: "/activate", fields: {} },
  };
}

export interface Asked {
  /** As it was typed. */
  readonly reference: string;
  readonly questions: readonly Question[];
  readonly triesLeft: number;
  readonly isWrong: boolean;
}

export function questionsPage(visit: Visit, form: FormState, { reference, questions, triesLeft, isWrong }: Asked): PageAnswer {
  const { texts } = visit;
  const { activation } = texts;
  const { names } = texts.application.questions;
  const options = { isRequired: true, maxLength: MAX_ANSWER_CHARACTERS };
  const labels = Object.fromEntries(questions.map((question) => [question, names[question]]));
  return {
    status: isWrong ? UNPROCESSABLE : formStatus(form),
    title: activation.questionsTitle,
    body: html`${stepper(visit, 4)}${isWrong ? alert(activation.wrong(triesLeft)) : null}${problemList(form, texts, labels)}
<p>${activation.questionsText}${isWrong ? null : html` ${activation.tries(triesLeft)}`}</p>
<form method="post" action="/activate/answers" novalidate>${csrfField(visit)}<input type="hidden" name="reference" value="${reference}">
${questions.map((question) => input(form, question, { label: names[question] }, texts, options))}
<p class="actions"><button>${activation.open}</button><a class="button quiet" href="/activate">${texts.frame.cancel}</a></p></form>`,
    again: { action: "/activate", fields: { reference } },
  };
}

export interface HandedOver {
  readonly requestId: string;
  readonly reference: string;
}

export function handOverPage(visit: Visit, { publicUrl }: Edge, { requestId, reference }: HandedOver): PageAnswer {
  const { activation } = visit.texts;
  return {
    title: activation.handTitle,
    body: html`${stepper(visit, 4)}${handOver(visit.texts, publicUrl, requestId, activation.handText)}
<section class="card"><h2>${activation.commandTitle}</h2><p>${activation.commandText}</p>
<code class="command">sceau activate --office ${publicUrl}</code>
<p>${activation.commandReference} <code>${reference}</code></p></section>
<p><a href="/activate">${activation.again}</a></p>`,
    again: { action: "/activate/agent", fields: { request: requestId, reference } },
  };
}

/** @param isDesk it was at an officer's desk: an officer reads it */
export function afterPage(visit: Visit, outcome: ActivationOutcome, isDesk: boolean): PageAnswer {
  const { activation } = visit.texts;
  const text = (isDesk ? activation.afterDesk : activation.after)[outcome];
  const isDone = outcome === "active";
  const again = isDone || isDesk || outcome === "over" ? null : html`<a class="button" href="/activate">${activation.title}</a>`;
  const sign = isDone && !isDesk ? html`<a class="button" href="${agentAddress()}/" rel="noreferrer">${activation.toSign}</a>` : null;
  const on = isDesk
    ? html`<a class="button" href="/desk">${activation.toDesk}</a>`
    : html`<a class="button quiet" href="/account">${activation.toAccount}</a>`;
  return {
    title: activation.afterTitle,
    body: html`${isDesk ? null : stepper(visit, isDone ? 5 : 4)}${isDone ? notice(text) : html`<p class="warning" role="status">${text}</p>`}
<p class="actions">${again}${sign}${on}</p>`,
  };
}

// An office that the holder does not trust yet: its address, and its name to be typed. Nothing is asked of it before.

import { html } from "../../web/html.ts";
import { hostOf } from "../trust/office-address.ts";
import { facts, formField } from "../web/parts.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";

export interface HandedOver {
  /** Of officeAddress. */
  readonly office: string;
  readonly id: string;
}

/** Capitals don't matter, nor do spaces around it. */
export const isTypedHost = (typed: unknown, office: string): boolean =>
  typeof typed === "string" && typed.trim().toLowerCase() === hostOf(office);

export function trustPage(visit: Visit, { office, id }: HandedOver, isWrong = false): PageAnswer {
  const { offices: texts } = visit.texts;
  return {
    status: isWrong ? 422 : 200,
    title: texts.confirmTitle,
    body: html`<p class="lead">${texts.confirmText}</p>
${facts([
  [texts.address, html`<span class="origin">${office}</span>`],
  [texts.host, html`<code>${hostOf(office)}</code>`],
])}
<div class="warning"><p>${texts.compare}</p></div>
<form method="post" action="/request/trust">${formField(visit)}<input type="hidden" name="office" value="${office}"><input type="hidden" name="id" value="${id}">
<div class="field"><label for="host">${texts.label}</label>${isWrong ? html`<p class="problem" id="host-problem" role="alert">${texts.problem}</p>` : null}
<input id="host" name="host" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="300"${
      isWrong ? html` aria-invalid="true" aria-describedby="host-problem"` : null
    }></div>
<p class="actions"><button>${texts.trust}</button> <a class="button quiet" href="/">${visit.texts.frame.cancel}</a></p></form>`,
  };
}

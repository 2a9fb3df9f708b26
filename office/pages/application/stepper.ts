// The four steps of an application (S11), at the head of each of its pages: where one is, and how long each usually takes.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { DossierState } from "../../states/dossier-states.ts";
import type { Visit } from "../edge/visit.ts";

/** 1 subscription, 2 identity check, 3 approval, 4 activation; 5: all four are done. */
export type Step = 1 | 2 | 3 | 4 | 5;

const STEPS: Readonly<Record<DossierState, Step | null>> = {
  draft: 1,
  submitted: 2,
  identity_pending: 2,
  identity_failed: 2,
  identity_verified: 3,
  approved: 4,
  activation_ready: 4,
  active: 5,
  rejected: null,
  cancelled: null,
  expired: null,
};

/** null: the dossier ended on its way. */
export const stepOf = (state: DossierState): Step | null => STEPS[state];

export function stepper({ texts }: Visit, step: Step): Html {
  const { steps } = texts.application;
  return html`<ol class="stepper" aria-label="${steps.label}">${steps.names.map((name, index) => {
    const isDone = index + 1 < step;
    const isNow = index + 1 === step;
    const told = isDone ? steps.done : isNow ? steps.now : null;
    return html`<li class="${isDone ? "done" : isNow ? "now" : "ahead"}"${isNow ? html` aria-current="step"` : null}><span class="step">${name}</span>
<small><span aria-hidden="true">${steps.durations[index] ?? ""}</span><span class="unseen">${steps.long[index] ?? ""}${told === null ? null : html`, ${told}`}</span></small></li>`;
  })}</ol>`;
}

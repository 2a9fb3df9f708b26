// The applicant's own page of a dossier: how far it is, in plain words; what comes next; what to have ready. And the page that cancels it.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { Dossier } from "../../dossiers/dossiers.ts";
import { DOSSIER, type DossierState } from "../../states/dossier-states.ts";
import type { FormState } from "../edge/form.ts";
import type { AccountVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { type Fact, facts, formStatus, grouped, time } from "../frame/parts.ts";
import { dossierPill } from "../frame/state-pills.ts";
import type { OwnDossier } from "./application-records.ts";
import { sentNotice } from "./form-pages.ts";
import { ownReferenceLink } from "./own-reference.ts";
import { stepOf, stepper } from "./stepper.ts";

/** Where the next step is done; null: it is not the applicant's. */
const NEXT: Readonly<Record<DossierState, ((id: string) => string) | null>> = {
  draft: (id) => `/my/dossiers/${id}/form`,
  submitted: (id) => `/my/dossiers/${id}/appointment`,
  identity_pending: (id) => `/my/dossiers/${id}/appointment`,
  identity_verified: null,
  identity_failed: null,
  approved: null,
  activation_ready: () => "/activate",
  active: null,
  rejected: () => "/apply",
  cancelled: () => "/apply",
  expired: () => "/apply",
};

/** Also steps of a state that waits for no office keep on while the corporate account is closed. */
const isOffice = (state: DossierState): boolean => stepOf(state) !== null && state !== "active";

/** It can still be given up by whoever asked for it. */
export const isCancellable = ({ state, certificateId }: Dossier): boolean => DOSSIER.allows(state, "cancel") && certificateId === null;

function next({ texts }: AccountVisit, { dossier, isPaused }: OwnDossier): Html {
  const { own } = texts.application;
  const { state, id } = dossier;
  const words = own.states[state];
  const path = NEXT[state];
  const isHeld = isPaused && isOffice(state);
  const bring = state === "submitted" || state === "identity_pending";
  return html`<section class="card"><h2>${own.next}</h2><p>${isHeld ? own.paused : words.next}</p>
${path === null || isHeld ? null : html`<p class="actions"><a class="button" href="${path(id)}">${words.action}</a></p>`}</section>
${bring ? html`<section class="card"><h2>${own.bring}</h2><ul>${own.bringList.map((item) => html`<li>${item}</li>`)}</ul></section>` : null}`;
}

function factsOf(visit: AccountVisit, { dossier, association, organisation, timeZone }: OwnDossier): Html {
  const { own } = visit.texts.application;
  const day = (at: Date): Html => time(at, visit, timeZone, "day");
  const isFinal = Object.keys(DOSSIER.table[dossier.state]).length === 0;
  const rows: (Fact | null)[] = [
    [own.number, grouped(dossier.number)],
    [own.name, `${dossier.givenName} ${dossier.surname}`.trim()],
    organisation === null ? null : [own.organisation, organisation],
    association === null ? null : [own.association, association],
    association === null || dossier.memberNumber === "" ? null : [own.membership, `${dossier.title}, ${dossier.memberNumber}`],
    [own.payment, own.payments[dossier.payment]],
    [own.begun, day(dossier.createdAt)],
    dossier.submittedAt === null ? null : [own.submitted, day(dossier.submittedAt)],
    isFinal ? null : [own.until, day(dossier.expiresAt)],
    dossier.reason === null ? null : [own.reason, dossier.reason],
  ];
  return html`<h2>${own.facts}</h2>${facts(
    rows.filter((row) => row !== null),
    visit.texts.frame.unknown,
  )}`;
}

/** @param isSent it has just been */
export function ownDossierPage(visit: AccountVisit, own: OwnDossier, isSent: boolean): PageAnswer {
  const { texts } = visit;
  const { dossier } = own;
  const step = stepOf(dossier.state);
  return {
    title: texts.application.own.title(dossier.number),
    body: html`${isSent ? sentNotice(visit) : null}${step === null ? null : stepper(visit, step)}
<section class="card"><h2>${texts.application.own.where}</h2><p class="lead">${dossierPill(dossier.state, texts)} ${texts.application.own.states[dossier.state].text}</p></section>
${next(visit, own)}${ownReferenceLink(visit, dossier)}${factsOf(visit, own)}
${isCancellable(dossier) ? html`<p class="actions"><a class="button quiet" href="/my/dossiers/${dossier.id}/cancel">${texts.application.cancel.link}</a></p>` : null}`,
  };
}

/** A draft needs a button; what others have worked on, its number typed. */
export function cancelPage(visit: AccountVisit, form: FormState, { id, number, state }: Dossier): PageAnswer {
  const { texts } = visit;
  const { cancel } = texts.application;
  const isDraft = state === "draft";
  const confirmation = { label: cancel.confirmation, hint: html`${cancel.typed} <strong>${number}</strong>` };
  return {
    status: formStatus(form),
    title: cancel.title,
    body: html`${problemList(form, texts, { confirmation: cancel.confirmation })}<div class="warning"><p>${isDraft ? cancel.draft : cancel.text}</p></div>
<form method="post" action="/my/dossiers/${id}/cancel" novalidate>${csrfField(visit)}
${isDraft ? null : input(form, "confirmation", confirmation, texts, { isRequired: true, maxLength: 300 })}
<p class="actions"><button>${cancel.button}</button><a class="button quiet" href="/my/dossiers/${id}">${cancel.back}</a></p></form>`,
  };
}

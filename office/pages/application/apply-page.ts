// Where an application begins: by an organisation's invitation, or on one's own.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { FormState } from "../edge/form.ts";
import type { AccountVisit, PageAnswer } from "../edge/visit.ts";
import { problemList, select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { formStatus, time } from "../frame/parts.ts";
import type { Choices } from "./application-records.ts";
import { stepper } from "./stepper.ts";

function invitations(visit: AccountVisit, { invitations: open, timeZone }: Choices): Html | null {
  const { apply } = visit.texts.application;
  if (open.length === 0) return null;
  return html`<section class="card"><h2>${apply.invitedTitle}</h2>${open.map(
    ({ id, organisation, expiresAt }) => html`<form method="post" action="/apply">${csrfField(visit)}
<input type="hidden" name="invitation" value="${id}"><p>${apply.invitedBy(organisation)} ${apply.until} ${time(expiresAt, visit, timeZone, "day")}.</p>
<p class="actions"><button>${apply.accept}<span class="unseen"> (${organisation})</span></button></p></form>`,
  )}</section>`;
}

function onOnesOwn(visit: AccountVisit, form: FormState, { associations, underWay }: Choices): Html {
  const { apply } = visit.texts.application;
  const content = (): Html => {
    if (underWay !== null) {
      return html`<p>${apply.underWay}</p><p class="actions"><a class="button" href="/my/dossiers/${underWay.id}">${apply.goOn}</a></p>`;
    }
    if (associations.length === 0) return html`<p>${apply.noAssociation}</p>`;
    const options = associations.map(({ id, name }) => [id, name] as const);
    return html`<p>${apply.ownText}</p><form method="post" action="/apply" novalidate>${csrfField(visit)}
${select(form, "association", { label: apply.association, hint: apply.associationHint }, visit.texts, options)}
<p class="actions"><button>${apply.begin}</button></p></form>`;
  };
  return html`<section class="card"><h2>${apply.ownTitle}</h2>${content()}</section>`;
}

export function applyPage(visit: AccountVisit, form: FormState, choices: Choices): PageAnswer {
  const { apply } = visit.texts.application;
  return {
    status: formStatus(form),
    title: apply.title,
    body: html`${stepper(visit, 1)}${problemList(form, visit.texts, { association: apply.association })}<p class="lead">${apply.text}</p>
${invitations(visit, choices)}${onOnesOwn(visit, form, choices)}
<section class="card"><h2>${apply.corporateTitle}</h2><p>${apply.corporateText}</p>
<p class="actions"><a class="button quiet" href="/my/organisations/request">${apply.corporate}</a></p></section>`,
  };
}

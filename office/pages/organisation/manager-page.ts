// Another manager for a corporate account (S2, S9): somebody who has proved their mailbox takes the former one's place.

import { html } from "../../../host-bridge/web/html.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus } from "../frame/parts.ts";
import type { CorporateRequestRecord } from "./corporate-request.ts";
import type { OrganisationRecord } from "./organisation-records.ts";

export function managerPage(
  visit: OfficerVisit,
  { organisation }: OrganisationRecord,
  request: CorporateRequestRecord,
  form: FormState,
  publicUrl: string,
): PageAnswer {
  const { texts } = visit;
  const { replacing } = texts.corporate;
  const { email, name, phone, reason } = replacing;
  const address = `/organisations/${organisation.id}`;
  const emailHint = html`${replacing.emailHint} <span class="nowrap">${publicUrl}/account</span>`;
  return {
    status: formStatus(form),
    title: replacing.title(organisation.name),
    body: html`${problemList(form, texts, { email, name, phone, reason })}<p>${replacing.text}</p>
${facts([[replacing.now, html`${request.managerName}, ${request.email}`]], texts.frame.unknown)}
<br><form method="post" action="${address}/manager" novalidate>${csrfField(visit)}
${input(form, "email", { label: email, hint: emailHint }, texts, { type: "email", isRequired: true, maxLength: 255 })}
${input(form, "name", { label: name }, texts, { isRequired: true, maxLength: 64 })}
${input(form, "phone", { label: phone, hint: texts.application.details.phoneHint }, texts, { isRequired: true, maxLength: 30, inputMode: "tel" })}
${input(form, "reason", { label: reason, hint: replacing.reasonHint }, texts, { isRequired: true, maxLength: 500 })}
<p class="actions"><button>${replacing.button}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}

// Revoking: what it means, which certificate, why, and a confirmation that is typed. Final and irreversible (S44).

import { html } from "../../../host-bridge/web/html.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { choices, input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { grouped } from "../frame/parts.ts";
import { endOf } from "../frame/typed-confirmation.ts";
import { shortFacts } from "./certificate-page.ts";
import type { CertificateRecord } from "./certificate-record.ts";
import { reasonOptions } from "./revocation-form.ts";

export function revocationPage(visit: OfficerVisit, record: CertificateRecord, form: FormState): PageAnswer {
  const { texts, language } = visit;
  const { revocation } = texts;
  const { certificate, person } = record;
  const address = `/certificates/${certificate.id}`;
  return {
    status: Object.keys(form.problems).length === 0 ? 200 : 422,
    title: revocation.title,
    body: html`${problemList(form, texts, { reason: revocation.reason, confirmation: revocation.confirmation })}
<div class="warning"><p><strong>${revocation.final}</strong></p>
<p>${revocation.consequence(`${person.givenName} ${person.surname}`)}</p></div>
<h2>${revocation.which}</h2>${shortFacts(record, visit)}
<h2>${revocation.button}</h2><form method="post" action="${address}/revoke" novalidate>${csrfField(visit)}
${choices(form, "reason", { label: revocation.reason }, texts, reasonOptions(language), "radio")}
${input(
  form,
  "confirmation",
  { label: revocation.confirmation, hint: html`${revocation.typed} ${grouped(endOf(certificate.serialNumber))}` },
  texts,
  { isRequired: true, maxLength: 100 },
)}
<p class="actions"><button>${revocation.button}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}

// A decision about an organisation: what it means, and for those that close it a confirmation that is typed.

import { z } from "zod";
import { html } from "../../../host-bridge/web/html.ts";
import { ORGANISATION, type OrganisationEvent } from "../../states/organisation-states.ts";
import { type FormState, says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus } from "../frame/parts.ts";
import { organisationPill } from "../frame/state-pills.ts";
import { typedName } from "../frame/typed-confirmation.ts";
import { representativeFacts } from "../representative/officer-pages.ts";
import { corporateRequestFacts } from "./corporate-request.ts";
import type { OrganisationRecord } from "./organisation-records.ts";

const closes = ({ organisation }: OrganisationRecord, event: OrganisationEvent): boolean =>
  ORGANISATION.after(organisation.state, event) === "closed";

/** Whoever asked for a corporate account is told why it is refused. */
const tellsReason = ({ request }: OrganisationRecord, event: OrganisationEvent): boolean => event === "refuse" && request !== null;

const MAX_REASON = 500;
const REASON = lineField(MAX_REASON).min(1, says("required"));

export const organisationDecisionForm = (record: OrganisationRecord, event: OrganisationEvent) =>
  z.object({
    reason: tellsReason(record, event)
      ? REASON
      : z
          .unknown()
          .optional()
          .transform(() => null),
    confirmation: closes(record, event) ? typedName(record.organisation.name, "not-the-name") : z.unknown().optional(),
  });

export function organisationDecisionPage(
  visit: OfficerVisit,
  record: OrganisationRecord,
  event: OrganisationEvent,
  form: FormState,
): PageAnswer {
  const { texts } = visit;
  const {
    organisation: labels,
    corporate: { officer },
  } = texts;
  const { title, text, button } = labels.decisions[event];
  const { organisation, office } = record;
  const address = `/organisations/${organisation.id}`;
  const isTyped = closes(record, event);
  const confirmation = { label: labels.confirmation, hint: html`${labels.typed} <strong>${organisation.name}</strong>` };
  const members = record.activeOfficers === 0 ? null : html`<p>${labels.officers(record.activeOfficers)}</p>`;
  return {
    status: formStatus(form),
    title: title(organisation.name),
    body: html`${problemList(form, texts, { reason: officer.reason, confirmation: labels.confirmation })}
<div class="${isTyped ? "warning" : "card"}"><p>${text}</p>
${isTyped ? html`<p>${labels.staying(record.validCertificates)}</p>${members}` : null}
${record.request === null ? null : html`<p>${officer.told}</p>`}</div>
<h2>${labels.which}</h2>${facts(
      [
        [labels.name, html`<a href="${address}">${organisation.name}</a>`],
        [labels.country, organisation.country],
        [labels.state, organisationPill(organisation.state, texts)],
        [labels.people, record.people],
        [labels.valid, record.validCertificates],
        [labels.office, office.name],
      ],
      texts.frame.unknown,
    )}
${corporateRequestFacts(visit, record.request, office.timeZone)}
${record.request === null ? null : representativeFacts(visit, record)}
<h2>${button}</h2><form method="post" action="${address}/${event}" novalidate>${csrfField(visit)}
${tellsReason(record, event) ? input(form, "reason", { label: officer.reason, hint: officer.reasonHint }, texts, { isRequired: true, maxLength: MAX_REASON }) : null}
${isTyped ? input(form, "confirmation", confirmation, texts, { isRequired: true, maxLength: 300 }) : null}
<p class="actions"><button>${button}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}

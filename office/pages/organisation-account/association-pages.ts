// Associations (S7), for officers: their list, another one, and what closing one of them means.

import { html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList, select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { mayAnywhere } from "../frame/menu.ts";
import { facts, formStatus, pager } from "../frame/parts.ts";
import { organisationPill } from "../frame/state-pills.ts";
import type { AssociationRecord } from "./association-records.ts";
import { countries, type NamedOffices, officeOptions } from "./corporate-pages.ts";

/** What an officer may decide about one that is on record. */
export type AssociationDecision = "close" | "reopen";

export function associationsPage(visit: OfficerVisit, rows: readonly AssociationRecord[], page: number, hasNext: boolean): PageAnswer {
  const { texts } = visit;
  const { association } = texts.corporate;
  return {
    title: association.list,
    body: html`<p>${association.listText}</p>
${table({
  caption: association.list,
  columns: association.columns,
  none: association.none,
  rows: rows.map(({ id, name, country, state, members, underWay }) => [
    html`<a href="/organisations/${id}">${name}</a><small>${country}</small>`,
    organisationPill(state, texts),
    members,
    underWay,
  ]),
})}
${pager(visit, page, hasNext)}
${mayAnywhere(visit, "organisations") ? html`<p class="actions"><a class="button quiet" href="/associations/new">${association.add}</a></p>` : null}`,
  };
}

export function newAssociationPage(visit: OfficerVisit, form: FormState, offices: NamedOffices): PageAnswer {
  const { texts } = visit;
  const { association, request } = texts.corporate;
  return {
    status: formStatus(form),
    title: association.title,
    body: html`${problemList(form, texts, { name: association.name, country: request.country, office: request.office })}<p>${association.text}</p>
<form method="post" action="/associations/new" novalidate>${csrfField(visit)}
${input(form, "name", { label: association.name }, texts, { isRequired: true, maxLength: 64 })}
${select(form, "country", { label: request.country }, texts, countries(visit))}
${select(form, "office", { label: request.office }, texts, officeOptions(offices))}
<p class="actions"><button>${association.button}</button><a class="button quiet" href="/associations">${texts.frame.cancel}</a></p></form>`,
  };
}

export function associationDecisionPage(
  visit: OfficerVisit,
  record: AssociationRecord,
  decision: AssociationDecision,
  form: FormState,
): PageAnswer {
  const { texts } = visit;
  const { organisation: labels, corporate } = texts;
  const { title, button } = labels.decisions[decision];
  const { id, name, country, state, office, members, underWay } = record;
  const isTyped = decision === "close";
  const confirmation = { label: labels.confirmation, hint: html`${labels.typed} <strong>${name}</strong>` };
  return {
    status: formStatus(form),
    title: title(name),
    body: html`${problemList(form, texts, { confirmation: labels.confirmation })}
<div class="${isTyped ? "warning" : "card"}"><p>${corporate.association.decisions[decision]}</p>
<p>${corporate.association.underWay(underWay)}</p></div>
<h2>${labels.which}</h2>${facts(
      [
        [labels.name, html`<a href="/organisations/${id}">${name}</a>`],
        [labels.country, country],
        [labels.state, organisationPill(state, texts)],
        [labels.people, members],
        [labels.office, office],
      ],
      texts.frame.unknown,
    )}
<h2>${button}</h2><form method="post" action="/associations/${id}/${decision}" novalidate>${csrfField(visit)}
${isTyped ? input(form, "confirmation", confirmation, texts, { isRequired: true, maxLength: 300 }) : null}
<p class="actions"><button>${button}</button><a class="button quiet" href="/organisations/${id}">${texts.frame.cancel}</a></p></form>`,
  };
}

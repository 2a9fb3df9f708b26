// The legal representative as officers see them, and what they do: a hand-over code, another key, somebody else. Never the key.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { isPermitted } from "../../registration/roles.ts";
import { isLocked, type Representative } from "../../representatives/representative.ts";
import { ACCESS_KEY } from "../../states/access-key-states.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer, Visit } from "../edge/visit.ts";
import { input, problemList, select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { type Fact, facts, formStatus, grouped, notice, time } from "../frame/parts.ts";
import type { OrganisationRecord } from "../organisation/organisation-records.ts";
import { MAX_REASON } from "./representative-forms.ts";

function rows(visit: Visit, row: Representative, timeZone: string): readonly (Fact | null)[] {
  const { officer } = visit.texts.representative;
  const { handoverExpiresAt, keyAt } = row;
  return [
    [officer.name, row.name],
    [officer.email, row.email],
    [officer.identifier, html`<code>${row.identifier}</code>`],
    [officer.key, officer.keys[row.state]],
    keyAt === null ? null : [officer.since, time(keyAt, visit, timeZone)],
    handoverExpiresAt === null || handoverExpiresAt <= visit.now ? null : [officer.handover, time(handoverExpiresAt, visit, timeZone)],
  ];
}

/** On the organisation's sheet, and where its account is opened. */
export function representativeFacts(visit: OfficerVisit, { representative, office }: OrganisationRecord): Html {
  const { texts } = visit;
  const { officer } = texts.representative;
  if (representative === null) return html`<h2>${officer.heading}</h2><p>${officer.none}</p>`;
  const shown = rows(visit, representative, office.timeZone).filter((row) => row !== null);
  return html`<h2>${officer.heading}</h2>${facts(shown, texts.frame.unknown)}
${isLocked(representative) ? html`<p class="warning">${officer.locked}</p>` : null}`;
}

/** For officers who may. */
export function representativeLink(visit: OfficerVisit, { organisation, office }: OrganisationRecord): Html | null {
  if (!isPermitted(visit.session.officer.assignments, "organisations", office.id)) return null;
  return html`<p class="actions"><a class="button quiet" href="/organisations/${organisation.id}/legal-representative">${visit.texts.representative.officer.manage}</a></p>`;
}

export const OFFICER_ACTIONS = ["give", "renew", "appoint"] as const;
export type OfficerAction = (typeof OFFICER_ACTIONS)[number];

/** What the state of the key allows. */
export function isOffered(action: OfficerAction, { representative, organisation }: OrganisationRecord): boolean {
  if (action === "appoint") return representative !== null || organisation.state !== "closed";
  return representative !== null && ACCESS_KEY.allows(representative.state, action === "give" ? "collect" : "renew");
}

export type OfficerDone = "renewed" | "appointed" | null;

export function overviewPage(visit: OfficerVisit, record: OrganisationRecord, done: OfficerDone): PageAnswer {
  const { officer } = visit.texts.representative;
  const { id, name } = record.organisation;
  const actions = OFFICER_ACTIONS.filter((action) => isOffered(action, record));
  return {
    title: officer.title(name),
    body: html`${done === null ? null : notice(officer[done])}${representativeFacts(visit, record)}
<p class="actions">${actions.map(
      (action) =>
        html`<a class="button${action === "give" ? "" : " quiet"}" href="/organisations/${id}/legal-representative/${action}">${officer[action]}</a>
`,
    )}</p><p class="actions"><a href="/organisations/${id}">${officer.back}</a></p>`,
  };
}

/** Why another key, or how somebody was recognised. */
export function reasonPage(visit: OfficerVisit, record: OrganisationRecord, action: "give" | "renew", form: FormState): PageAnswer {
  const { texts } = visit;
  const { officer } = texts.representative;
  const address = `/organisations/${record.organisation.id}/legal-representative`;
  const hint = action === "give" ? officer.giveHint : officer.renewHint;
  return {
    status: formStatus(form),
    title: officer[action],
    body: html`${problemList(form, texts, { reason: officer.reason })}
<p>${action === "give" ? officer.giveText : officer.renewText}</p>${representativeFacts(visit, record)}<br>
<form method="post" action="${address}/${action}" novalidate>${csrfField(visit)}
${input(form, "reason", { label: officer.reason, hint }, texts, { isRequired: true, maxLength: MAX_REASON })}
<p class="actions"><button>${officer[action]}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}

export function appointPage(visit: OfficerVisit, record: OrganisationRecord, form: FormState): PageAnswer {
  const { texts } = visit;
  const { officer } = texts.representative;
  const address = `/organisations/${record.organisation.id}/legal-representative`;
  return {
    status: formStatus(form),
    title: officer.appoint,
    body: html`${problemList(form, texts, { name: officer.name, email: officer.email, language: officer.language })}
<p>${officer.appointText}</p>${representativeFacts(visit, record)}<br>
<form method="post" action="${address}/appoint" novalidate>${csrfField(visit)}
${input(form, "name", { label: officer.name }, texts, { isRequired: true, maxLength: 64 })}
${input(form, "email", { label: officer.email }, texts, { type: "email", isRequired: true, maxLength: 255 })}
${select(form, "language", { label: officer.language }, texts, [
  ["fr", texts.frame.ownName.fr],
  ["en", texts.frame.ownName.en],
])}
<p class="actions"><button>${officer.appoint}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}

/** The code is on no other page, and in no address. */
export function handoverPage(visit: OfficerVisit, organisationId: string, code: string): PageAnswer {
  const { officer } = visit.texts.representative;
  const address = `/organisations/${organisationId}/legal-representative`;
  return {
    title: officer.codeTitle,
    body: html`<section class="card"><p>${officer.code}</p><p>${grouped(code)}</p><p>${officer.once}</p></section>
<p><a href="/organisations/${organisationId}">${officer.back}</a></p>`,
    again: { action: `${address}/give/shown`, fields: { code } },
  };
}

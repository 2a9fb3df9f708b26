// The sheet of an organisation: what is on record of it, one of its lists, and what may be decided.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { isOutcome } from "../../decisions/decided-before.ts";
import { organisationDecisions } from "../../decisions/organisation-decision.ts";
import { isPermitted } from "../../registration/roles.ts";
import { ORGANISATION, type OrganisationEvent } from "../../states/organisation-states.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { facts, grouped, notice, pager, time } from "../frame/parts.ts";
import { certificatePill, organisationPill, stateNow, tokenPill } from "../frame/state-pills.ts";
import { whoMay } from "../frame/who-may.ts";
import { representativeFacts, representativeLink } from "../representative/officer-pages.ts";
import { corporateRequestFacts } from "./corporate-request.ts";
import type { Listed, Member, MemberCertificate, MemberToken, OrganisationRecord } from "./organisation-records.ts";

export const ORGANISATION_LISTS = ["people", "tokens", "certificates"] as const;
export type OrganisationList = (typeof ORGANISATION_LISTS)[number];

/** The one list that is shown. */
export type ShownList =
  | ({ readonly list: "people" } & Listed<Member>)
  | ({ readonly list: "tokens" } & Listed<MemberToken>)
  | ({ readonly list: "certificates" } & Listed<MemberCertificate>);

const holder = ({ personId, name }: { readonly personId: string; readonly name: string }): Html =>
  html`<a href="/people/${personId}">${name}</a>`;

function listTable(shown: ShownList, visit: OfficerVisit, timeZone: string): Html {
  const { texts, now } = visit;
  const { organisation } = texts;
  const caption = organisation[shown.list];
  switch (shown.list) {
    case "people":
      return table({
        caption,
        columns: organisation.peopleColumns,
        none: organisation.nobody,
        rows: shown.rows.map(({ id, name, email, number }) => [html`<a href="/people/${id}">${name}</a>`, email, number]),
      });
    case "tokens":
      return table({
        caption,
        columns: organisation.tokenColumns,
        none: texts.person.noTokens,
        rows: shown.rows.map((row) => [
          html`<a href="/tokens/${encodeURIComponent(row.serial)}">${grouped(row.serial)}</a>`,
          holder(row),
          tokenPill(row.state, texts),
        ]),
      });
    case "certificates":
      return table({
        caption,
        columns: organisation.certificateColumns,
        none: texts.certificates.none,
        rows: shown.rows.map((row) => [
          html`<a href="/certificates/${row.id}">${grouped(row.serialNumber)}</a>`,
          holder(row),
          texts.profile(row.profile),
          certificatePill(stateNow(row.state, row.notAfter, now), texts),
          html`<span class="nowrap">${time(row.notAfter, visit, timeZone, "day")}</span>`,
        ]),
      });
  }
}

/** The lists that there are, with how many each has. */
function lists({ organisation: { id }, ...counts }: OrganisationRecord, here: OrganisationList, visit: OfficerVisit): Html {
  const { organisation: texts } = visit.texts;
  return html`<nav class="tabs" aria-label="${texts.lists}"><ul>${ORGANISATION_LISTS.map(
    (list) =>
      html`<li><a href="/organisations/${id}?list=${list}"${list === here ? html` aria-current="page"` : null}>${texts[list]} (${counts[list]})</a></li>`,
  )}</ul></nav>`;
}

function decisionLinks({ organisation: { id, state, kind }, office, request }: OrganisationRecord, visit: OfficerVisit): Html {
  const { organisation: texts, corporate } = visit.texts;
  const folder = kind === "association" && state !== "requested" ? "associations" : "organisations";
  const isTheirs = isPermitted(visit.session.officer.assignments, "organisations", office.id);
  const links = html`<p class="actions">${organisationDecisions(state).map(
    (decision) =>
      html`<a class="button quiet" href="/${folder}/${id}/${decision}">${texts.decisions[decision].name}</a>
`,
  )}${request === null ? null : html`<a class="button quiet" href="/organisations/${id}/manager">${corporate.replacing.link}</a>`}</p>`;
  return html`<h2>${texts.decide}</h2>${isTheirs ? links : html`<p>${texts.notYours} ${whoMay("organisations", visit)}</p>`}`;
}

export const isOrganisationEvent = (text: string, { organisation }: OfficerVisit["texts"]): text is OrganisationEvent =>
  Object.hasOwn(organisation.decisions, text);

/** @param done what has just been decided, as the address tells; believed when the state is its outcome */
function doneNotice(done: string | null, { organisation: { state } }: OrganisationRecord, { texts }: OfficerVisit): Html | null {
  if (done === "before") return notice(texts.frame.before);
  if (done === "manager") return notice(texts.corporate.replacing.done);
  if (done === null || !isOrganisationEvent(done, texts) || !isOutcome(ORGANISATION, state, done)) return null;
  return notice(texts.organisation.decisions[done].done);
}

export function organisationPage(
  visit: OfficerVisit,
  record: OrganisationRecord,
  shown: ShownList,
  page: number,
  done: string | null,
): PageAnswer {
  const { texts } = visit;
  const { organisation: labels } = texts;
  const { organisation, office } = record;
  return {
    title: organisation.name,
    body: html`${doneNotice(done, record, visit)}${facts(
      [
        [labels.name, organisation.name],
        [labels.country, organisation.country],
        [labels.state, organisationPill(organisation.state, texts)],
        [labels.valid, record.validCertificates],
        [labels.office, office.name],
        [labels.since, time(organisation.createdAt, visit, office.timeZone)],
      ],
      texts.frame.unknown,
    )}
${corporateRequestFacts(visit, record.request, office.timeZone)}
${representativeFacts(visit, record)}${representativeLink(visit, record)}
<h2>${labels[shown.list]}</h2>${lists(record, shown.list, visit)}
${listTable(shown, visit, office.timeZone)}${pager(visit, page, shown.hasNext)}
${decisionLinks(record, visit)}`,
  };
}

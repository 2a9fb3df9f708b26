// The sheet of a person.

import { html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { isPermitted } from "../../registration/roles.ts";
import { certificateTable } from "../certificate/certificate-list.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { facts, grouped, time } from "../frame/parts.ts";
import { officerPill, organisationPill, tokenPill } from "../frame/state-pills.ts";
import type { PersonRecord } from "./person-record.ts";

export function personPage(visit: OfficerVisit, record: PersonRecord): PageAnswer {
  const { texts } = visit;
  const { person, organisation, office, officerState } = record;
  const name = `${person.givenName} ${person.surname}`;
  const { association } = record;
  const membership = association === null || person.memberNumber === null ? null : texts.person.member(association, person.memberNumber);
  const mayInvite = officerState === null && isPermitted(visit.session.officer.assignments, "officers", office.id);
  const tokenTable = table({
    caption: texts.person.tokens,
    columns: texts.person.tokenColumns,
    none: texts.person.noTokens,
    rows: record.tokens.map(({ serial, model, state }) => [
      html`<a href="/tokens/${encodeURIComponent(serial)}">${grouped(serial)}</a>`,
      model,
      tokenPill(state, texts),
    ]),
  });
  return {
    title: name,
    body: html`${facts(
      [
        [texts.person.name, name],
        [texts.person.email, person.email],
        [texts.person.number, person.number],
        ...(person.title === null ? [] : [[texts.person.title, person.title] as const]),
        ...(membership === null ? [] : [[texts.person.membership, membership] as const]),
        [
          texts.person.organisation,
          html`<a href="/organisations/${organisation.id}">${organisation.name}</a> (${organisation.country}) ${organisationPill(organisation.state, texts)}`,
        ],
        [texts.person.office, office.name],
        [texts.person.language, person.language === "fr" ? texts.frame.ownName.fr : texts.frame.ownName.en],
        [texts.person.since, time(person.createdAt, visit, office.timeZone)],
        ...(officerState === null ? [] : [[texts.person.officer, officerPill(officerState, texts)] as const]),
      ],
      texts.frame.unknown,
    )}
<h2>${texts.certificates.title}</h2>${certificateTable(visit, record.certificates, office.timeZone, true)}
<h2>${texts.person.tokens}</h2>${tokenTable}
${mayInvite ? html`<p class="actions"><a class="button quiet" href="/officers/invite?person=${person.id}">${texts.person.invite}</a></p>` : null}`,
  };
}

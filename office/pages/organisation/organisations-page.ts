// The organisations of the officer's offices.

import { html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { pager } from "../frame/parts.ts";
import { organisationPill } from "../frame/state-pills.ts";
import type { Listed, ListedOrganisation } from "./organisation-records.ts";

export function organisationsPage(visit: OfficerVisit, { rows, hasNext }: Listed<ListedOrganisation>, page: number): PageAnswer {
  const { texts } = visit;
  const { title, columns, none } = texts.organisation;
  return {
    title,
    body: html`${table({
      caption: title,
      columns,
      none,
      rows: rows.map(({ organisation: { id, name, country, state }, people, validCertificates }) => [
        html`<a href="/organisations/${id}">${name}</a><small>${country}</small>`,
        organisationPill(state, texts),
        people,
        validCertificates,
      ]),
    })}
${pager(visit, page, hasNext)}
<p class="actions"><a class="button quiet" href="/associations">${texts.corporate.association.see}</a></p>`,
  };
}

// The organisations, the sheet of one, and the decisions about it.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { isDecided } from "../../decisions/decided-before.ts";
import { decideOrganisation } from "../../decisions/organisation-decision.ts";
import { decideCorporateAccount } from "../../dossiers/corporate-accounts.ts";
import { requirePermission } from "../../registration/officers.ts";
import { ORGANISATION, type OrganisationEvent } from "../../states/organisation-states.ts";
import type { Database } from "../../store/store.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { pageNumber } from "../edge/page-number.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { organisationDecisionForm, organisationDecisionPage } from "./organisation-decision-page.ts";
import { isOrganisationEvent, ORGANISATION_LISTS, type OrganisationList, organisationPage, type ShownList } from "./organisation-page.ts";
import {
  certificatesOf,
  listOrganisations,
  membersOf,
  type OrganisationRecord,
  organisationRecord,
  tokensOf,
} from "./organisation-records.ts";
import { organisationsPage } from "./organisations-page.ts";

/** What is no list is the first. */
const SHEET = z.object({
  list: z.enum(ORGANISATION_LISTS).catch("people"),
  page: pageNumber,
  done: z.string().nullable().catch(null).default(null),
});
const LIST = z.object({ page: pageNumber });

async function shownList(
  db: Database,
  id: string,
  { list, page }: { readonly list: OrganisationList; readonly page: number },
  scope: readonly string[],
): Promise<ShownList> {
  if (list === "tokens") return { list, ...(await tokensOf(db, id, scope, page)) };
  if (list === "certificates") return { list, ...(await certificatesOf(db, id, page)) };
  return { list, ...(await membersOf(db, id, page)) };
}

interface Asked {
  readonly record: OrganisationRecord;
  readonly event: OrganisationEvent;
}

/** The organisation, when this officer may decide about it. @throws NothingThereError, NotPermittedError */
async function asked(visit: OfficerVisit, { store }: Edge, params: unknown): Promise<Asked> {
  const record = await organisationRecord(store.db, idOf(params), scopeOf(visit, "search"), visit.now);
  requirePermission(visit.session.officer, "organisations", record.office.id);
  const { decision = "" } = params as Readonly<Partial<Record<string, string>>>;
  if (!isOrganisationEvent(decision, visit.texts)) throw new NothingThereError();
  return { record, event: decision };
}

const isDone = ({ record, event }: Asked): boolean => isDecided(ORGANISATION, record.organisation.state, event);
const toSheet = ({ record }: Asked, done: string): Answer => ({ to: `/organisations/${record.organisation.id}?done=${done}` });

export function addOrganisationRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/organisations",
    officerPage(edge, async (visit, { query }) => {
      const { page } = LIST.parse(query);
      return organisationsPage(visit, await listOrganisations(store.db, scopeOf(visit, "search"), page, visit.now), page);
    }),
  );
  app.get(
    "/organisations/:id",
    officerPage(edge, async (visit, { params, query }) => {
      const scope = scopeOf(visit, "search");
      const sheet = SHEET.parse(query);
      const record = await organisationRecord(store.db, idOf(params), scope, visit.now);
      const shown = await shownList(store.db, record.organisation.id, sheet, scope);
      return organisationPage(visit, record, shown, sheet.page, sheet.done);
    }),
  );
  app.get(
    "/organisations/:id/:decision",
    officerPage(edge, async (visit, { params }) => {
      const what = await asked(visit, edge, params);
      const { kind, id } = what.record.organisation;
      if (kind === "association" && (what.event === "close" || what.event === "reopen")) return { to: `/associations/${id}/${what.event}` };
      if (isDone(what)) return toSheet(what, "before");
      ORGANISATION.after(what.record.organisation.state, what.event);
      return organisationDecisionPage(visit, what.record, what.event, new FormState());
    }),
  );
  app.post(
    "/organisations/:id/:decision",
    officerPage(edge, async (visit, { params, body }) => {
      const what = await asked(visit, edge, params);
      if (isDone(what)) return toSheet(what, "before");
      const { record, event } = what;
      ORGANISATION.after(record.organisation.state, event);
      const { data, form } = readForm(organisationDecisionForm(record, event), body);
      if (data === null) return organisationDecisionPage(visit, record, event, form);
      if (record.request !== null) {
        await decideCorporateAccount(edge, record.organisation.id, event, data.reason, actingOf(visit));
        return toSheet(what, event);
      }
      const { isNew } = await decideOrganisation(store, record.organisation.id, event, actingOf(visit));
      return toSheet(what, isNew ? event : "before");
    }),
  );
}

// Associations (S7): listed, added, closed, opened again, by officers with the permission.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { isDecided } from "../../decisions/decided-before.ts";
import { decideOrganisation } from "../../decisions/organisation-decision.ts";
import { requirePermission } from "../../registration/officers.ts";
import { addAssociation } from "../../registration/organisations.ts";
import { ORGANISATION } from "../../states/organisation-states.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { pageNumber } from "../edge/page-number.ts";
import { idOf } from "../edge/record-id.ts";
import { actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { typedName } from "../frame/typed-confirmation.ts";
import { type AssociationDecision, associationDecisionPage, associationsPage, newAssociationPage } from "./association-pages.ts";
import { ASSOCIATION_PAGE_ROWS, type AssociationRecord, associationRecord, associationsIn } from "./association-records.ts";
import { ASSOCIATION } from "./corporate-forms.ts";
import { officesIn } from "./corporate-routes.ts";

const LIST = z.object({ page: pageNumber });
const DECISION = z.object({ decision: z.enum(["close", "reopen"]) });

interface Asked {
  readonly record: AssociationRecord;
  readonly decision: AssociationDecision;
}

/** The association, when this officer may decide about it. @throws NothingThereError, NotPermittedError */
async function asked(visit: OfficerVisit, { store }: Edge, params: unknown): Promise<Asked> {
  const record = await associationRecord(store.db, idOf(params), scopeOf(visit, "organisations"));
  const { data } = DECISION.safeParse(params);
  if (data === undefined) throw new NothingThereError();
  return { record, decision: data.decision };
}

const toSheet = ({ record }: Asked, done: string) => ({ to: `/organisations/${record.id}?done=${done}` });

function addNewAssociationRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/associations/new",
    officerPage(edge, async (visit) =>
      newAssociationPage(visit, new FormState(), await officesIn(store.db, scopeOf(visit, "organisations"))),
    ),
  );
  app.post(
    "/associations/new",
    officerPage(edge, async (visit, { body }) => {
      const scope = scopeOf(visit, "organisations");
      const { data, form } = readForm(ASSOCIATION, body);
      if (data === null) return newAssociationPage(visit, form, await officesIn(store.db, scope));
      const { office: officeId, ...association } = data;
      requirePermission(visit.session.officer, "organisations", officeId);
      const id = await store.transaction((tx) => addAssociation(tx, { ...association, officeId }, actingOf(visit)));
      return { to: `/organisations/${id}` };
    }),
  );
}

export function addAssociationRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  addNewAssociationRoutes(app, edge);
  app.get(
    "/associations",
    officerPage(edge, async (visit, { query }) => {
      const { page } = LIST.parse(query);
      const found = await associationsIn(store.db, scopeOf(visit, "search"), page);
      return associationsPage(visit, found.slice(0, ASSOCIATION_PAGE_ROWS), page, found.length > ASSOCIATION_PAGE_ROWS);
    }),
  );
  app.get(
    "/associations/:id/:decision",
    officerPage(edge, async (visit, { params }) => {
      const what = await asked(visit, edge, params);
      if (isDecided(ORGANISATION, what.record.state, what.decision)) return toSheet(what, "before");
      ORGANISATION.after(what.record.state, what.decision);
      return associationDecisionPage(visit, what.record, what.decision, new FormState());
    }),
  );
  app.post(
    "/associations/:id/:decision",
    officerPage(edge, async (visit, { params, body }) => {
      const what = await asked(visit, edge, params);
      const { record, decision } = what;
      if (isDecided(ORGANISATION, record.state, decision)) return toSheet(what, "before");
      ORGANISATION.after(record.state, decision);
      const form = z.object({ confirmation: decision === "close" ? typedName(record.name, "not-the-name") : z.unknown().optional() });
      const read = readForm(form, body);
      if (read.data === null) return associationDecisionPage(visit, record, decision, read.form);
      const { isNew } = await decideOrganisation(store, record.id, decision, actingOf(visit));
      return toSheet(what, isNew ? decision : "before");
    }),
  );
}

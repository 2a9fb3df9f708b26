// A corporate account's manager is replaced, by officers with the permission.

import type { FastifyInstance } from "fastify";
import { CorporateError } from "../../dossiers/corporate-accounts.ts";
import { type NewManager, replaceManager } from "../../dossiers/manager-replacement.ts";
import { requirePermission } from "../../registration/officers.ts";
import { officerPage } from "../edge/answering.ts";
import { type FieldProblem, FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { NEW_MANAGER } from "../organisation-account/corporate-forms.ts";
import type { CorporateRequestRecord } from "./corporate-request.ts";
import { managerPage } from "./manager-page.ts";
import { type OrganisationRecord, organisationRecord } from "./organisation-records.ts";

interface Corporate {
  readonly record: OrganisationRecord;
  readonly request: CorporateRequestRecord;
}

/** The corporate account, when this officer may decide about it. @throws NothingThereError, NotPermittedError */
async function asked(visit: OfficerVisit, { store }: Edge, params: unknown): Promise<Corporate> {
  const record = await organisationRecord(store.db, idOf(params), scopeOf(visit, "search"), visit.now);
  requirePermission(visit.session.officer, "organisations", record.office.id);
  if (record.request === null) throw new NothingThereError();
  return { record, request: record.request };
}

/** What only the rules can see is said beside the address. */
const ABOUT_EMAIL: readonly (FieldProblem & CorporateError["refusal"])[] = ["no-account", "same-manager"];

/** @returns what is wrong with the address; null: it is done @throws CorporateError, … */
async function replace(edge: Edge, visit: OfficerVisit, id: string, order: NewManager): Promise<FieldProblem | null> {
  try {
    await replaceManager(edge, id, order, actingOf(visit));
    return null;
  } catch (error) {
    const problem = error instanceof CorporateError ? ABOUT_EMAIL.find((each) => each === error.refusal) : undefined;
    if (problem === undefined) throw error;
    return problem;
  }
}

export function addManagerRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/organisations/:id/manager",
    officerPage(edge, async (visit, { params }) => {
      const { record, request } = await asked(visit, edge, params);
      return managerPage(visit, record, request, new FormState(), edge.publicUrl);
    }),
  );
  app.post(
    "/organisations/:id/manager",
    officerPage(edge, async (visit, { params, body }) => {
      const { record, request } = await asked(visit, edge, params);
      const { data, form } = readForm(NEW_MANAGER, body);
      if (data === null) return managerPage(visit, record, request, form, edge.publicUrl);
      const { id } = record.organisation;
      const problem = await replace(edge, visit, id, data);
      if (problem !== null) return managerPage(visit, record, request, form.with({ email: problem }), edge.publicUrl);
      return { to: `/organisations/${id}?done=manager` };
    }),
  );
}

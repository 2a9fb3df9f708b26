// What officers with `organisations` do for legal representatives: a hand-over code, another key, somebody else.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { requirePermission } from "../../registration/officers.ts";
import { appointRepresentative, giveHandoverCode, renewKey } from "../../representatives/handing-over.ts";
import { ACCESS_KEY } from "../../states/access-key-states.ts";
import { StateError } from "../../states/state-table.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { type OrganisationRecord, organisationRecord } from "../organisation/organisation-records.ts";
import { appointPage, handoverPage, isOffered, OFFICER_ACTIONS, type OfficerAction, overviewPage, reasonPage } from "./officer-pages.ts";
import { APPOINT, REASON, SHOWN_CODE } from "./representative-forms.ts";

const DONE = z.object({ done: z.enum(["renewed", "appointed"]).nullable().catch(null).default(null) });
const ACTION = z.object({ action: z.enum(OFFICER_ACTIONS) });

/** The organisation, when this officer may. @throws NothingThereError, NotPermittedError */
async function ours(visit: OfficerVisit, { store }: Edge, params: unknown): Promise<OrganisationRecord> {
  const record = await organisationRecord(store.db, idOf(params), scopeOf(visit, "search"), visit.now);
  requirePermission(visit.session.officer, "organisations", record.office.id);
  return record;
}

interface Asked {
  readonly record: OrganisationRecord;
  readonly action: OfficerAction;
}

/** @throws NothingThereError, NotPermittedError, StateError: not with the key as it is */
async function asked(visit: OfficerVisit, edge: Edge, params: unknown): Promise<Asked> {
  const record = await ours(visit, edge, params);
  const { data } = ACTION.safeParse(params);
  if (data === undefined) throw new NothingThereError();
  if (!isOffered(data.action, record)) throw new StateError(ACCESS_KEY.entity, record.representative?.state ?? "none", data.action);
  return { record, action: data.action };
}

const formPage = (visit: OfficerVisit, { record, action }: Asked, form: FormState) =>
  action === "appoint" ? appointPage(visit, record, form) : reasonPage(visit, record, action, form);

export function addOfficersRepresentativeRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/organisations/:id/legal-representative",
    officerPage(edge, async (visit, { params, query }) => overviewPage(visit, await ours(visit, edge, params), DONE.parse(query).done)),
  );
  app.get(
    "/organisations/:id/legal-representative/:action",
    officerPage(edge, async (visit, { params }) => {
      const what = await asked(visit, edge, params);
      return formPage(visit, what, new FormState({ language: visit.language }));
    }),
  );
  app.post(
    "/organisations/:id/legal-representative/:action",
    officerPage(edge, async (visit, { params, body }) => {
      const what = await asked(visit, edge, params);
      const { id: organisationId } = what.record.organisation;
      const sheet = `/organisations/${organisationId}/legal-representative`;
      if (what.action === "appoint") {
        const { data, form } = readForm(APPOINT, body);
        if (data === null) return formPage(visit, what, form);
        await appointRepresentative(edge, { organisationId, ...data }, actingOf(visit));
        return { to: `${sheet}?done=appointed` };
      }
      const { data, form } = readForm(REASON, body);
      if (data === null) return formPage(visit, what, form);
      const order = { organisationId, officerId: visit.session.officer.id, reason: data.reason };
      if (what.action === "give") return handoverPage(visit, organisationId, await giveHandoverCode(edge, order));
      await renewKey(edge, order);
      return { to: `${sheet}?done=renewed` };
    }),
  );
  app.post(
    "/organisations/:id/legal-representative/give/shown",
    officerPage(edge, async (visit, { params, body }) => {
      const { organisation } = await ours(visit, edge, params);
      const { data } = readForm(SHOWN_CODE, body);
      if (data === null) throw new NothingThereError();
      return handoverPage(visit, organisation.id, data.code);
    }),
  );
}

// The work list, the sheet of a dossier, and the decisions about it.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { approvalObstacle, approveDossier, rejectDossier } from "../../dossiers/decision.ts";
import type { DecisionRefusal } from "../../dossiers/decision-error.ts";
import { cancelDossier, reopenDossier } from "../../dossiers/dossier-rules.ts";
import { newReference } from "../../dossiers/new-reference.ts";
import { decidePayment } from "../../dossiers/payment.ts";
import { NotPermittedError } from "../../registration/roles.ts";
import { DOSSIER } from "../../states/dossier-states.ts";
import { StateError } from "../../states/state-table.ts";
import { isPlainText } from "../../store/plain-text.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { pageNumber } from "../edge/page-number.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { type DossierAction, isDossierAction, isPossible, mayDo, permissionOf } from "./dossier-actions.ts";
import { dossierDecisionForm, dossierDecisionPage } from "./dossier-decision-page.ts";
import { DOSSIER_LISTS, listDossiers } from "./dossier-list.ts";
import { dossierPage } from "./dossier-page.ts";
import { type DossierRecord, dossierRecord } from "./dossier-record.ts";
import { dossiersPage } from "./dossiers-page.ts";
import { refusalOf, refusedPage } from "./refusals.ts";

/** What is no list is the first; what can be no search is none. */
const LIST = z.object({
  list: z.enum(DOSSIER_LISTS).catch("waiting"),
  q: z.string().max(100).refine(isPlainText).catch("").default(""),
  page: pageNumber,
});
const SHEET = z.object({ done: z.string().nullable().catch(null).default(null) });

/** Only for those who would decide: nobody else is told who may be whom. */
async function obstacleFor({ session }: OfficerVisit, { store }: Edge, record: DossierRecord): Promise<DecisionRefusal | null> {
  const { dossier } = record;
  if (!DOSSIER.allows(dossier.state, "approve") || !mayDo("approve", record, session.officer)) return null;
  return approvalObstacle(store.db, dossier, session.officer.id);
}

interface Asked {
  readonly record: DossierRecord;
  readonly action: DossierAction;
}

/** The dossier, when this officer may decide so about it. @throws NothingThereError, NotPermittedError */
async function asked(visit: OfficerVisit, { store }: Edge, params: unknown): Promise<Asked> {
  const record = await dossierRecord(store.db, idOf(params), scopeOf(visit, "applications"));
  const { action = "" } = params as Readonly<Partial<Record<string, string>>>;
  if (!isDossierAction(action)) throw new NothingThereError();
  if (!mayDo(action, record, visit.session.officer)) throw new NotPermittedError(permissionOf(action));
  return { record, action };
}

/** @returns whether anything has changed */
async function decide(edge: Edge, visit: OfficerVisit, { record, action }: Asked, note: string): Promise<boolean> {
  const { id: dossierId } = record.dossier;
  const { id: officerId } = visit.session.officer;
  switch (action) {
    case "approve":
      return (await approveDossier(edge, dossierId, { officerId, statusNote: note })).isNew;
    case "reject":
      return (await rejectDossier(edge, dossierId, { officerId, reason: note })).isNew;
    case "reference":
      await newReference(edge, dossierId, { officerId });
      return true;
    case "reopen":
      await reopenDossier(edge, { dossierId, officerId, reason: note });
      return true;
    case "cancel":
      await cancelDossier(edge, { dossierId, by: { officerId }, reason: note });
      return true;
    default:
      return (await decidePayment(edge, dossierId, { officerId, decision: action, note })).isNew;
  }
}

export function addDossierRoutes(app: FastifyInstance, edge: Edge): void {
  const { store } = edge;
  app.get(
    "/dossiers",
    officerPage(edge, async (visit, { query }) => {
      const asked = LIST.parse(query);
      const scope = scopeOf(visit, "applications");
      return dossiersPage(visit, asked, await listDossiers(store.db, asked, visit.session.officer, scope));
    }),
  );
  app.get(
    "/dossiers/:id",
    officerPage(edge, async (visit, { params, query }) => {
      const record = await dossierRecord(store.db, idOf(params), scopeOf(visit, "applications"));
      return dossierPage(visit, record, await obstacleFor(visit, edge, record), SHEET.parse(query).done);
    }),
  );
  app.get(
    "/dossiers/:id/:action",
    officerPage(edge, async (visit, { params }) => {
      const what = await asked(visit, edge, params);
      requirePossible(what);
      const obstacle = what.action === "approve" ? await obstacleFor(visit, edge, what.record) : null;
      return obstacle === null
        ? dossierDecisionPage(visit, what.record, what.action, new FormState())
        : refusedPage(visit, what.record, obstacle);
    }),
  );
  app.post(
    "/dossiers/:id/:action",
    officerPage(edge, async (visit, { params, body }): Promise<Answer> => {
      const what = await asked(visit, edge, params);
      const { data, form } = readForm(dossierDecisionForm(what.record, what.action), body);
      if (data === null) return dossierDecisionPage(visit, what.record, what.action, form);
      try {
        const isNew = await decide(edge, visit, what, data.note);
        return { to: `/dossiers/${what.record.dossier.id}?done=${isNew ? what.action : "before"}` };
      } catch (error) {
        return refusedPage(visit, what.record, refusalOf(error, visit));
      }
    }),
  );
}

/** @throws StateError */
function requirePossible({ record, action }: Asked): void {
  if (!isPossible(action, record)) throw new StateError("dossier", record.dossier.state, action);
}

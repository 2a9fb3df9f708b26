// An application, for its applicant: begun, followed, cancelled. The form itself: form-routes.ts.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { DossierError } from "../../dossiers/dossier-error.ts";
import { beginDossier, cancelDossier } from "../../dossiers/dossier-rules.ts";
import { accountPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import type { AccountVisit, Answer, Edge } from "../edge/visit.ts";
import { typedEnd } from "../frame/typed-confirmation.ts";
import { APPLY } from "./application-forms.ts";
import { choicesOf, ownDossier } from "./application-records.ts";
import { applyPage } from "./apply-page.ts";
import { addFormRoutes } from "./form-routes.ts";
import { cancelPage, isCancellable, ownDossierPage } from "./own-dossier-page.ts";

async function begin(edge: Edge, visit: AccountVisit, body: unknown): Promise<Answer> {
  const { data, form } = readForm(APPLY, body);
  const again = async (state: FormState): Promise<Answer> => applyPage(visit, state, await choicesOf(edge.store.db, visit));
  if (data === null) return again(form.with({ association: "choose" }));
  const ground = "invitation" in data ? { invitationId: data.invitation } : { associationId: data.association };
  try {
    const id = await beginDossier(edge, { accountId: visit.account.id, language: visit.language, ...ground });
    return { to: `/my/dossiers/${id}/details` };
  } catch (error) {
    if (!(error instanceof DossierError) || error.refusal !== "unknown-association") throw error;
    return again(form.with({ association: "choose" }));
  }
}

export function addApplicationRoutes(app: FastifyInstance, edge: Edge): void {
  const { db } = edge.store;
  app.get(
    "/apply",
    accountPage(edge, async (visit) => applyPage(visit, new FormState(), await choicesOf(db, visit))),
  );
  app.post(
    "/apply",
    accountPage(edge, (visit, { body }) => begin(edge, visit, body)),
  );
  app.get(
    "/my/dossiers",
    accountPage(edge, () => ({ to: "/account" })),
  );
  app.get(
    "/my/dossiers/:id",
    accountPage(edge, async (visit, { params, query }) =>
      ownDossierPage(visit, await ownDossier(db, idOf(params), visit), (query as Record<string, unknown>)["done"] === "sent"),
    ),
  );
  addFormRoutes(app, edge);
  app.get(
    "/my/dossiers/:id/cancel",
    accountPage(edge, async (visit, { params }) => {
      const { dossier } = await ownDossier(db, idOf(params), visit);
      return isCancellable(dossier) ? cancelPage(visit, new FormState(), dossier) : { to: `/my/dossiers/${dossier.id}` };
    }),
  );
  app.post(
    "/my/dossiers/:id/cancel",
    accountPage(edge, async (visit, { params, body }) => {
      const { dossier } = await ownDossier(db, idOf(params), visit);
      if (dossier.state !== "draft") {
        const { data, form } = readForm(z.object({ confirmation: typedEnd(dossier.number, "not-the-dossier") }), body);
        if (data === null) return cancelPage(visit, form, dossier);
      }
      const by = { accountId: visit.account.id };
      // Twice is done once.
      if (dossier.state !== "cancelled") await cancelDossier(edge, { dossierId: dossier.id, by, reason: null });
      return { to: `/my/dossiers/${dossier.id}` };
    }),
  );
}

// Evidence from applicants: sent, taken back, or done without.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { ContentError } from "../../identity/content/content-error.ts";
import { addEvidence, removeEvidence, reviewByHand } from "../../identity/evidence.ts";
import { checksOfDossier, evidenceOfDossier } from "../../identity/identity-records.ts";
import { readSettings } from "../../settings/settings.ts";
import { ownDossier } from "../application/application-records.ts";
import { accountPage, requireAccountToken } from "../edge/answering.ts";
import { FormState } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import type { AccountVisit, Answer, Edge } from "../edge/visit.ts";
import { receiveFile, withUploads } from "../identity/evidence-upload.ts";
import { refusalText } from "../identity/identity-fields.ts";
import { type EvidenceTold, evidencePage, type OwnEvidence } from "./evidence-page.ts";

const NOTHING_TOLD: EvidenceTold = { done: null, refusal: null, isFile: false };

async function evidenceOf({ store: { db } }: Edge, visit: AccountVisit, dossierId: string): Promise<OwnEvidence> {
  const own = await ownDossier(db, dossierId, visit);
  const checks = await checksOfDossier(db, dossierId);
  const isBegun = checks.some(({ check }) => ["in_review", "inconclusive", "manual"].includes(check.state));
  const isOpen = own.dossier.state === "submitted" || own.dossier.state === "identity_pending";
  const { evidenceDays } = await readSettings(db);
  return { ...own, evidence: await evidenceOfDossier(db, dossierId), keptDays: evidenceDays, mayRemove: isOpen && !isBegun };
}

const show = async (edge: Edge, visit: AccountVisit, dossierId: string, told: EvidenceTold, form = new FormState()): Promise<Answer> =>
  evidencePage(visit, form, await evidenceOf(edge, visit, dossierId), told);

async function upload(edge: Edge, visit: AccountVisit, request: FastifyRequest): Promise<Answer> {
  const dossierId = idOf(request.params);
  await ownDossier(edge.store.db, dossierId, visit); // before anything is taken
  try {
    const { kind, bytes } = await receiveFile(request, (fields) => requireAccountToken(visit, fields["account-csrf"]));
    const form = new FormState({ kind });
    if (bytes.length === 0) return await show(edge, visit, dossierId, { ...NOTHING_TOLD, refusal: visit.texts.evidence.missing }, form);
    await addEvidence(edge, { dossierId, kind, bytes, by: { accountId: visit.account.id } });
    return { to: `/my/dossiers/${dossierId}/evidence?done=added` };
  } catch (error) {
    return show(edge, visit, dossierId, { done: null, refusal: refusalText(error, visit), isFile: error instanceof ContentError });
  }
}

export function addEvidenceRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/my/dossiers/:id/evidence",
    accountPage(edge, (visit, { params, query }) => {
      const { done } = query as { readonly done?: unknown };
      return show(edge, visit, idOf(params), { ...NOTHING_TOLD, done: typeof done === "string" ? done : null });
    }),
  );
  withUploads(app, (scope) =>
    scope.post(
      "/my/dossiers/:id/evidence",
      accountPage(edge, (visit, request) => upload(edge, visit, request), "upload"),
    ),
  );
  app.post(
    "/my/dossiers/:id/evidence/by-hand",
    accountPage(edge, async (visit, { params }) => {
      try {
        await reviewByHand(edge, idOf(params), visit.account.id);
      } catch (error) {
        return show(edge, visit, idOf(params), { ...NOTHING_TOLD, refusal: refusalText(error, visit) });
      }
      return { to: `/my/dossiers/${idOf(params)}/evidence?done=by-hand` };
    }),
  );
  app.post(
    "/my/dossiers/:id/evidence/:evidence/remove",
    accountPage(edge, async (visit, { params }) => {
      const { evidence } = params as Readonly<Record<string, string>>;
      try {
        await removeEvidence(edge, idOf({ id: evidence }), visit.account.id);
      } catch (error) {
        return show(edge, visit, idOf(params), { ...NOTHING_TOLD, refusal: refusalText(error, visit) });
      }
      return { to: `/my/dossiers/${idOf(params)}/evidence?done=removed` };
    }),
  );
}

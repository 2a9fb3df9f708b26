// Addresses of the desk.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ActivationError } from "../../activation/activation-error.ts";
import { newAgentRequest } from "../../activation/agent-requests.ts";
import { openDeskSession } from "../../activation/opening.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm, says } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { deskHandOverPage, deskPage, provisionPage } from "./desk-pages.ts";
import { type DeskRecord, deskRecord, deskRecords } from "./desk-records.ts";

const CONFIRMATION = z.object({ confirmation: z.literal("yes", says("confirm")) });
const HANDED = z.object({ request: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

export function addDeskRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, sealing } = edge;
  const recordOf = (visit: OfficerVisit, params: unknown): Promise<DeskRecord> =>
    deskRecord(store.db, idOf(params), scopeOf(visit, "issue"));

  /** @returns the number of the agent's request @throws ActivationError, … */
  async function open({ session: { officer }, now }: OfficerVisit, { dossier, office }: DeskRecord): Promise<string> {
    const { session, activationId } = await openDeskSession(edge, dossier.id, officer);
    const person = `${dossier.givenName} ${dossier.surname}`;
    const returnPath = `/activate/after/${activationId}?desk`;
    const order = { kind: "provision" as const, returnPath, office: office.name, session, person };
    return store.transaction((tx) => newAgentRequest(tx, sealing, order, now));
  }

  app.get(
    "/desk",
    officerPage(edge, async (visit) => deskPage(visit, await deskRecords(store.db, scopeOf(visit, "issue")))),
  );
  app.get(
    "/desk/:id",
    officerPage(edge, async (visit, { params }) => {
      const record = await recordOf(visit, params);
      const isReady = record.dossier.state === "activation_ready";
      return provisionPage(visit, record, new FormState(), isReady ? null : visit.texts.activation.refusals["not-ready"]);
    }),
  );
  app.post(
    "/desk/:id",
    officerPage(edge, async (visit, { params, body }) => {
      const record = await recordOf(visit, params);
      const { data, form } = readForm(CONFIRMATION, body);
      if (data === null) return provisionPage(visit, record, form);
      try {
        return deskHandOverPage(visit, edge, record, await open(visit, record));
      } catch (error) {
        if (!(error instanceof ActivationError)) throw error;
        return provisionPage(visit, record, form, visit.texts.activation.refusals[error.refusal]);
      }
    }),
  );
  app.post(
    "/desk/:id/agent",
    officerPage(edge, async (visit, { params, body }) => {
      const record = await recordOf(visit, params);
      const result = HANDED.safeParse(body);
      if (!result.success) throw new NothingThereError();
      return deskHandOverPage(visit, edge, record, result.data.request);
    }),
  );
}

// Unlocking, for officers with `unlock`.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { unlockMailbox } from "../../accounts/mailbox-lock.ts";
import { unlockActivation } from "../../activation/opening.ts";
import { unlockQuestions } from "../../dossiers/question-sets.ts";
import { unlockRepresentative } from "../../representatives/representative.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm, says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";
import { actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { lockedPage, MAX_REASON, unlockPage } from "./unlock-pages.ts";
import { type LockedThing, lockedThings } from "./unlock-records.ts";

const WHICH = z.object({ kind: z.enum(["mailbox", "questions", "activation", "representative"]), id: z.string() });
const REASON = z.object({
  reason: lineField(MAX_REASON).min(3, says("required")),
});

/** @throws NothingThereError also when it is not locked any more */
async function asked(edge: Edge, visit: OfficerVisit, params: unknown): Promise<LockedThing> {
  const scope = scopeOf(visit, "unlock");
  const which = WHICH.safeParse(params).data;
  const things = await lockedThings(edge.store.db, scope);
  const thing = things.find(({ kind, id }) => kind === which?.kind && id === which.id);
  if (thing === undefined) throw new NothingThereError();
  return thing;
}

function unlock(edge: Edge, visit: OfficerVisit, { kind, id, email }: LockedThing, reason: string): Promise<void> {
  const order = { officerId: visit.session.officer.id, reason };
  if (kind === "mailbox") return unlockMailbox(edge, email, reason, actingOf(visit));
  if (kind === "representative") return unlockRepresentative(edge, id, reason, actingOf(visit));
  return kind === "questions" ? unlockQuestions(edge, id, order) : unlockActivation(edge, id, order);
}

export function addUnlockRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/unlock",
    officerPage(edge, async (visit, { query }) => {
      const things = await lockedThings(edge.store.db, scopeOf(visit, "unlock"));
      return lockedPage(visit, things, (query as Record<string, unknown>)["done"] === "unlocked");
    }),
  );
  app.get(
    "/unlock/:kind/:id",
    officerPage(edge, async (visit, { params }) => unlockPage(visit, await asked(edge, visit, params), new FormState())),
  );
  app.post(
    "/unlock/:kind/:id",
    officerPage(edge, async (visit, { params, body }) => {
      const thing = await asked(edge, visit, params);
      const { data, form } = readForm(REASON, body);
      if (data === null) return unlockPage(visit, thing, form);
      await unlock(edge, visit, thing, data.reason);
      return { to: "/unlock?done=unlocked" };
    }),
  );
}

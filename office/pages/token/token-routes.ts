// The sheet of a token, and the decisions about it.

import type { FastifyInstance } from "fastify";
import { isDecided } from "../../decisions/decided-before.ts";
import { decideToken, isTokenDecision, ReasonNeededError, reasonsFor, type TokenDecision } from "../../decisions/token-decision.ts";
import { requirePermission } from "../../registration/officers.ts";
import { TOKEN } from "../../states/token-states.ts";
import { officerPage } from "../edge/answering.ts";
import { FormState, readForm } from "../edge/form.ts";
import { serialOf } from "../edge/record-id.ts";
import { type Answer, actingOf, type Edge, NothingThereError, type OfficerVisit, scopeOf } from "../edge/visit.ts";
import { decisionForm, tokenDecisionPage } from "./token-decision-page.ts";
import { tokenAddress, tokenPage } from "./token-page.ts";
import { type TokenRecord, tokenRecord } from "./token-record.ts";

const recordOf = (visit: OfficerVisit, { store }: Edge, params: unknown): Promise<TokenRecord> =>
  tokenRecord(store.db, serialOf(params), scopeOf(visit, "search"));

interface Asked {
  readonly record: TokenRecord;
  readonly decision: TokenDecision;
}

/** The token, when this officer may decide so about it. @throws NothingThereError, NotPermittedError */
async function asked(visit: OfficerVisit, edge: Edge, params: unknown): Promise<Asked> {
  const record = await recordOf(visit, edge, params);
  requirePermission(visit.session.officer, "tokens", record.office.id);
  const { decision = "" } = params as Readonly<Partial<Record<string, string>>>;
  if (!isTokenDecision(decision)) throw new NothingThereError();
  if (reasonsFor(decision).length > 0) requirePermission(visit.session.officer, "revoke", record.office.id);
  return { record, decision };
}

const isDone = ({ record, decision }: Asked): boolean => isDecided(TOKEN, record.token.state, decision);
const toSheet = (record: TokenRecord, done: string): Answer => ({ to: `${tokenAddress(record.token.serial)}?done=${done}` });

/** @throws StateError, ReasonNeededError */
async function decide(visit: OfficerVisit, edge: Edge, { record, decision }: Asked, body: unknown): Promise<Answer> {
  const { serial, state } = record.token;
  TOKEN.after(state, decision);
  const { data, form } = readForm(decisionForm(record, decision, visit.now), body);
  if (data === null) return tokenDecisionPage(visit, record, decision, form);
  const order = { decision, reason: data.reason, officerId: visit.session.officer.id, actor: actingOf(visit).actor };
  const { isNew } = await decideToken(edge, serial, order);
  return toSheet(record, isNew ? decision : "before");
}

export function addTokenRoutes(app: FastifyInstance, edge: Edge): void {
  app.get(
    "/tokens/:serial",
    officerPage(edge, async (visit, { params, query }) => {
      const { done } = query as { readonly done?: unknown };
      return tokenPage(visit, await recordOf(visit, edge, params), typeof done === "string" ? done : null);
    }),
  );
  app.get(
    "/tokens/:serial/:decision",
    officerPage(edge, async (visit, { params }) => {
      const what = await asked(visit, edge, params);
      if (isDone(what)) return toSheet(what.record, "before");
      TOKEN.after(what.record.token.state, what.decision);
      return tokenDecisionPage(visit, what.record, what.decision, new FormState());
    }),
  );
  app.post(
    "/tokens/:serial/:decision",
    officerPage(edge, async (visit, { params, body }) => {
      const what = await asked(visit, edge, params);
      if (isDone(what)) return toSheet(what.record, "before");
      try {
        return await decide(visit, edge, what, body);
      } catch (error) {
        if (!(error instanceof ReasonNeededError)) throw error;
        // A certificate was issued between the page and the decision: the page shows it now, and asks why.
        return decide(visit, edge, await asked(visit, edge, params), body);
      }
    }),
  );
}

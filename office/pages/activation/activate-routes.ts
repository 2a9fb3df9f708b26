// Addresses of the holder's activation. Whoever comes has a number and answers: no session is asked for.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ActivationError } from "../../activation/activation-error.ts";
import { guesses } from "../../activation/activation-limits.ts";
import { activationOutcome } from "../../activation/activation-outcome.ts";
import { newAgentRequest } from "../../activation/agent-requests.ts";
import { answerActivation, type OpenedActivation, openActivation } from "../../activation/opening.ts";
import { MAX_ANSWER_CHARACTERS } from "../../dossiers/questions.ts";
import { readReferenceNumber } from "../../dossiers/reference-number.ts";
import { spendTry } from "../../registration/limits.ts";
import { publicPage } from "../edge/answering.ts";
import { FormState, readForm, says } from "../edge/form.ts";
import { idOf } from "../edge/record-id.ts";
import { type Answer, type Edge, NothingThereError, type PageAnswer, type Visit } from "../edge/visit.ts";
import { network } from "../sign-in/sign-in-limits.ts";
import { afterPage, handOverPage, questionsPage, referencePage } from "./activate-pages.ts";

const MAX_REFERENCE = 60;
const reference = z
  .string(says("required"))
  .max(MAX_REFERENCE, says("too-long"))
  .refine((text) => text.trim() !== "", says("required"));
const REFERENCE = z.object({ reference });
const HANDED = z.object({ request: z.string().regex(/^[A-Za-z0-9_-]{43}$/), reference });
const answer = z
  .string(says("required"))
  .max(MAX_ANSWER_CHARACTERS, says("too-long"))
  .refine((text) => text.trim() !== "", says("required"));

const answersForm = (questions: readonly string[]) => z.object(Object.fromEntries(questions.map((question) => [question, answer])));

/** XXXX-XXXX-XXXX-XXXX, for a terminal; what is none stays out of it. */
const written = (typed: string): string => readReferenceNumber(typed)?.text ?? "";

/** The number's page again, with what is against it. @throws whatever is no refusal */
function refused(visit: Visit, publicUrl: string, error: unknown, body: unknown): PageAnswer {
  if (!(error instanceof ActivationError)) throw error;
  return referencePage(visit, publicUrl, new FormState(body), visit.texts.activation.refusals[error.refusal]);
}

export function addActivateRoutes(app: FastifyInstance, edge: Edge): void {
  const { store, publicUrl } = edge;

  async function ask(visit: Visit, body: unknown, from: string): Promise<Answer> {
    const { data, form } = readForm(REFERENCE, body);
    // Only the language was changed, on the empty page.
    if (data === null && !Object.hasOwn((body ?? {}) as object, "reference")) return referencePage(visit, publicUrl);
    if (data === null) return referencePage(visit, publicUrl, form);
    await spendTry(store, [guesses("number", from)], visit.now);
    try {
      const opened = await openActivation(edge, data.reference);
      return questionsPage(visit, new FormState(), { ...opened, reference: data.reference, isWrong: false });
    } catch (error) {
      return refused(visit, publicUrl, error, body);
    }
  }

  /** The session goes to the agent, and to nobody else. */
  async function handOver(visit: Visit, typed: string, answers: Record<string, string>, office: string): Promise<Answer> {
    const { session, activationId } = await answerActivation(edge, typed, answers);
    const order = { kind: "activate" as const, returnPath: `/activate/after/${activationId}`, office, session };
    const requestId = await store.transaction((tx) => newAgentRequest(tx, edge.sealing, order, visit.now));
    return handOverPage(visit, edge, { requestId, reference: written(typed) });
  }

  async function tryAnswers(visit: Visit, body: unknown, typed: string, opened: OpenedActivation): Promise<Answer> {
    const asked = { ...opened, reference: typed, isWrong: false };
    const { data, form } = readForm(answersForm(opened.questions), body);
    if (data === null) return questionsPage(visit, form, asked);
    try {
      return await handOver(visit, typed, data as Record<string, string>, opened.office);
    } catch (error) {
      if (!(error instanceof ActivationError) || error.refusal !== "answers") throw error;
      return questionsPage(visit, form, { ...asked, triesLeft: error.triesLeft ?? 0, isWrong: true });
    }
  }

  app.get(
    "/activate",
    publicPage(edge, (visit) => referencePage(visit, publicUrl)),
  );
  app.post(
    "/activate",
    publicPage(edge, (visit, { body, ip }) => ask(visit, body, network(ip))),
  );
  app.post(
    "/activate/answers",
    publicPage(edge, async (visit, { body, ip }) => {
      const { data } = readForm(REFERENCE, body);
      if (data === null) return referencePage(visit, publicUrl);
      await spendTry(store, [guesses("answers", network(ip))], visit.now);
      try {
        return await tryAnswers(visit, body, data.reference, await openActivation(edge, data.reference));
      } catch (error) {
        return refused(visit, publicUrl, error, body);
      }
    }),
  );
  app.post(
    "/activate/agent",
    publicPage(edge, (visit, { body }) => {
      const result = HANDED.safeParse(body);
      if (!result.success) throw new NothingThereError();
      return handOverPage(visit, { ...edge, publicUrl }, { requestId: result.data.request, reference: written(result.data.reference) });
    }),
  );
  app.get(
    "/activate/after/:id",
    publicPage(edge, async (visit, { params, query }) => {
      const outcome = await activationOutcome(store.db, idOf(params), visit.now);
      if (outcome === null) throw new NothingThereError();
      return afterPage(visit, outcome, Object.hasOwn(query as object, "desk"));
    }),
  );
}

// The page of work that is under way: which step, whether the token waits for its button, and a way to give it up.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Html, html } from "../../web/html.ts";
import type { AgentParts } from "../agent-parts.ts";
import { page } from "../web/answering.ts";
import { faultOf, faultPage } from "../web/faults.ts";
import { formField } from "../web/parts.ts";
import type { Answer, Visit } from "../web/visit.ts";
import { DeskError } from "./desk-error.ts";
import type { Work } from "./work.ts";

/** As long as a page waits for a change before it is answered as it is. */
const WAIT_MS = 20_000;

const WHICH = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{22}$/) });
const SEEN = z.object({ seen: z.coerce.number().int().min(0).optional().catch(undefined) });

/** @throws DeskError unknown-work */
function idOf(params: unknown): string {
  const result = WHICH.safeParse(params);
  if (!result.success) throw new DeskError("unknown-work");
  return result.data.id;
}

function stepList({ order, step }: Work, { texts }: Visit): Html | null {
  if (order.steps === undefined) return null;
  const steps = Object.entries(order.steps(texts));
  const at = steps.findIndex(([name]) => name === step);
  return html`<h2>${texts.work.steps}</h2><ol class="steps">${steps.map(([, text], index) => {
    const state = index < at ? "done" : index === at ? "now" : "next";
    return html`<li class="${state}"${state === "now" ? html` aria-current="step"` : null}><span>${text}</span> <span>${texts.work.state[state]}</span></li>`;
  })}</ol>`;
}

function running(work: Work, visit: Visit): Answer {
  const { work: texts } = visit.texts;
  const address = `/work/${work.id}`;
  return {
    title: work.order.title(visit.texts),
    next: `${address}?seen=${work.changes.version}`,
    body: html`${
      work.waitsForButton
        ? html`<div class="press" role="status"><p>${texts.button}</p><p>${texts.buttonHint}</p></div>`
        : html`<p role="status">${texts.running}</p>`
    }
${stepList(work, visit)}
<form method="post" action="${address}/cancel">${formField(visit)}<button class="quiet">${texts.cancel}</button></form>`,
  };
}

export function addWorkRoutes(app: FastifyInstance, parts: AgentParts): void {
  const { works, closing } = parts;
  app.get(
    "/work/:id",
    page(parts, async (visit, request) => {
      const work = works.find(idOf(request.params));
      const { seen } = SEEN.parse(request.query);
      if (seen !== undefined && work.outcome === null) {
        const left = new AbortController();
        request.raw.once("close", () => left.abort());
        await work.changes.wait(seen, WAIT_MS, AbortSignal.any([closing, left.signal]));
      }
      const { outcome } = work;
      if (outcome === null) return running(work, visit);
      if ("to" in outcome) return { to: outcome.to };
      const fault = faultOf(outcome.error, visit.texts, parts.faultReaders);
      if (fault.isUnexpected) parts.tellUnexpected(outcome.error, work.id);
      return faultPage(visit, fault, work.id, work.order.again);
    }),
  );
  app.post(
    "/work/:id/cancel",
    page(parts, (_visit, request) => {
      const work = works.find(idOf(request.params));
      work.cancel();
      return { to: `/work/${work.id}?seen=${work.changes.version}` };
    }),
  );
}

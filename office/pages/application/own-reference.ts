// The applicant asks for another reference number: the mail is lost, or the number's time is over.

import type { FastifyInstance } from "fastify";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { DecisionError } from "../../dossiers/decision-error.ts";
import type { Dossier } from "../../dossiers/dossiers.ts";
import { mayHaveReference, newReference } from "../../dossiers/new-reference.ts";
import { StateError } from "../../states/state-table.ts";
import { accountPage } from "../edge/answering.ts";
import { idOf } from "../edge/record-id.ts";
import type { AccountVisit, Edge, PageAnswer } from "../edge/visit.ts";
import { csrfField } from "../frame/frame.ts";
import { notice } from "../frame/parts.ts";
import { ownDossier } from "./application-records.ts";

const CONFLICT = 409;

const addressOf = ({ id }: Dossier): string => `/my/dossiers/${id}/reference`;

/** On the page of a dossier that waits for its activation. */
export function ownReferenceLink({ texts }: AccountVisit, dossier: Dossier): Html | null {
  if (!mayHaveReference(dossier)) return null;
  return html`<p class="actions"><a class="button quiet" href="${addressOf(dossier)}">${texts.dossiers.own.link}</a></p>`;
}

type Outcome = "asked" | "sent" | "locked";

function page(visit: AccountVisit, dossier: Dossier, outcome: Outcome): PageAnswer {
  const { texts } = visit;
  const { own, number } = texts.dossiers;
  const isLocked = outcome === "locked";
  const back = html`<a class="button quiet" href="/my/dossiers/${dossier.id}">${outcome === "asked" ? texts.frame.cancel : texts.dossiers.back}</a>`;
  return {
    status: isLocked ? CONFLICT : 200,
    title: own.title,
    body:
      outcome === "sent"
        ? html`${notice(own.sent)}<p class="actions">${back}</p>`
        : html`<div class="${isLocked ? "warning" : "card"}"><p>${number} <code class="number short">${dossier.number}</code></p>
<p>${isLocked ? own.locked : own.text}</p>${isLocked ? html`<p><a href="/help">${texts.menu.help}</a></p>` : null}</div>
<form method="post" action="${addressOf(dossier)}" novalidate>${csrfField(visit)}
<p class="actions">${isLocked ? null : html`<button>${own.button}</button>`}${back}</p></form>`,
  };
}

export function addOwnReferenceRoutes(app: FastifyInstance, edge: Edge): void {
  const { db } = edge.store;
  app.get(
    "/my/dossiers/:id/reference",
    accountPage(edge, async (visit, { params, query }) => {
      const { dossier } = await ownDossier(db, idOf(params), visit);
      if (!mayHaveReference(dossier)) throw new StateError("dossier", dossier.state, "prepare");
      return page(visit, dossier, (query as Record<string, unknown>)["done"] === "sent" ? "sent" : "asked");
    }),
  );
  app.post(
    "/my/dossiers/:id/reference",
    accountPage(edge, async (visit, { params }) => {
      const { dossier } = await ownDossier(db, idOf(params), visit);
      try {
        await newReference(edge, dossier.id, { accountId: visit.account.id });
      } catch (error) {
        if (error instanceof DecisionError && error.refusal === "locked") return page(visit, dossier, "locked");
        throw error;
      }
      return { to: `${addressOf(dossier)}?done=sent` };
    }),
  );
}

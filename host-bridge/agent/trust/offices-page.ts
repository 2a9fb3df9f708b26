// The offices that the holder trusts, and a way to trust one no longer.

import type { FastifyInstance } from "fastify";
import { html } from "../../web/html.ts";
import type { AgentParts } from "../agent-parts.ts";
import { page } from "../web/answering.ts";
import { formField, notice, time } from "../web/parts.ts";

export function addOfficesRoutes(app: FastifyInstance, parts: AgentParts): void {
  const { offices } = parts;
  app.get(
    "/offices",
    page(parts, (visit, request) => {
      const { offices: texts } = visit.texts;
      const known = offices.all();
      const { removed } = request.query as Record<string, unknown>;
      return {
        title: texts.title,
        body: html`${removed === "1" ? notice(texts.removed) : null}<p>${texts.text}</p>
${known.length === 0 ? html`<p class="none">${texts.none}</p>` : null}${known.map(
  ({
    address,
    since,
  }) => html`<section class="card office"><div><h2 class="origin">${address}</h2><p>${texts.since} ${time(since, visit, "day")}</p></div>
<form method="post" action="/offices/remove">${formField(visit)}<input type="hidden" name="address" value="${address}"><button class="quiet" aria-label="${texts.removeOf(address)}">${texts.remove}</button></form></section>`,
)}`,
      };
    }),
  );
  app.post(
    "/offices/remove",
    page(parts, (_visit, request) => {
      const { address } = (request.body ?? {}) as Record<string, unknown>;
      offices.remove(String(address));
      return { to: "/offices?removed=1" };
    }),
  );
}

// The page of tokens: those that are plugged in, and what is plugged in and can't be used.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Html, type HtmlValue, html } from "../../web/html.ts";
import { table } from "../../web/table.ts";
import type { AgentParts } from "../agent-parts.ts";
import { page } from "../web/answering.ts";
import { pill, serialNumber } from "../web/parts.ts";
import type { Visit } from "../web/visit.ts";
import type { PluggedToken, TokenTrouble } from "./token-desk.ts";

/** As long as the page without a token waits for one before it is answered as it is. */
const WAIT_MS = 20_000;
const SEEN = z.object({ seen: z.coerce.number().int().min(0).optional().catch(undefined) });

function stateOf({ info, isBusy }: PluggedToken, { texts: { home } }: Visit): Html {
  if (isBusy) return pill(home.busy, "waiting");
  return info.isInitialised ? pill(home.ready, "good") : pill(home.blank, "over");
}

export function tokenTable(visit: Visit, tokens: readonly PluggedToken[]): Html {
  const { home } = visit.texts;
  return table({
    caption: home.caption,
    columns: home.columns,
    rows: tokens.map((token): readonly HtmlValue[] => {
      const { serial, model, isSimulated } = token.info;
      return [
        html`<a href="/tokens/${serial}">${serialNumber(serial)}</a>`,
        html`${model}${isSimulated ? html` <small>${home.simulated}</small>` : null}`,
        stateOf(token, visit),
      ];
    }),
    none: home.none,
  });
}

function troubleText(trouble: TokenTrouble, { texts: { home } }: Visit): string {
  if (trouble.event === "token-forbidden") return home.forbidden(trouble.name, trouble.group);
  return trouble.event === "trouble" ? home.library(trouble.about) : home.refused(trouble.name);
}

export function troubleList(visit: Visit, troubles: readonly TokenTrouble[]): Html | null {
  if (troubles.length === 0) return null;
  return html`<section class="warning"><p>${visit.texts.home.troubles}</p><ul>${troubles.map((trouble) => html`<li>${troubleText(trouble, visit)}</li>`)}</ul></section>`;
}

export function addTokenListRoutes(app: FastifyInstance, parts: AgentParts): void {
  const { desk, closing } = parts;
  app.get(
    "/tokens",
    page(parts, async (visit, request) => {
      const { seen } = SEEN.parse(request.query);
      if (seen !== undefined && desk.tokens().length === 0) {
        const left = new AbortController();
        request.raw.once("close", () => left.abort());
        await desk.changes.wait(seen, WAIT_MS, AbortSignal.any([closing, left.signal]));
      }
      const tokens = desk.tokens();
      return {
        title: visit.texts.home.title,
        ...(tokens.length === 0 && { next: `/tokens?seen=${desk.changes.version}` }), // it comes by itself; a page that shows one stays as it is
        body: html`${tokenTable(visit, tokens)}${troubleList(visit, desk.troubles())}
<p class="actions"><a class="button quiet" href="/tokens">${visit.texts.home.refresh}</a></p>`,
      };
    }),
  );
}

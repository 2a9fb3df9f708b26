// Where the holder chooses their phrase: at the first start, before anything else.

import type { FastifyInstance } from "fastify";
import { html } from "../../web/html.ts";
import { ownPath } from "../../web/own-path.ts";
import type { AgentParts } from "../agent-parts.ts";
import { page } from "../web/answering.ts";
import { formField, notice } from "../web/parts.ts";
import type { Answer, Visit } from "../web/visit.ts";
import { PHRASE_MAX_CHARACTERS, readPhrase } from "./holder-phrase.ts";

const MAX_PATH_CHARACTERS = 1000;

/** Where it goes on: a path of ours. */
function nextOf(fields: unknown): string {
  const { next } = (fields ?? {}) as Record<string, unknown>;
  return typeof next === "string" && next.startsWith("/") && next.length <= MAX_PATH_CHARACTERS ? ownPath(next) : "/";
}

function phrasePage(visit: Visit, next: string, { typed = "", isWrong = false, isSaved = false } = {}): Answer {
  const { phrase: texts } = visit.texts;
  return {
    status: isWrong ? 422 : 200,
    title: texts.title,
    body: html`${isSaved ? notice(texts.saved) : null}
<p class="lead">${texts.first}</p><p>${texts.secret}</p>
${visit.phrase === null ? null : html`<section class="card"><p>${texts.now}</p><p class="shown-phrase"><q>${visit.phrase}</q></p></section><h2>${texts.change}</h2>`}
<form method="post" action="/phrase">${formField(visit)}<input type="hidden" name="next" value="${next}">
<div class="field"><label for="phrase">${texts.label}</label><p class="hint" id="phrase-hint">${texts.hint}</p>${
      isWrong ? html`<p class="problem" id="phrase-problem" role="alert">${texts.problem}</p>` : null
    }<input id="phrase" name="phrase" value="${typed}" autocomplete="off" required maxlength="${PHRASE_MAX_CHARACTERS}" aria-describedby="phrase-hint${
      isWrong ? " phrase-problem" : ""
    }"${isWrong ? html` aria-invalid="true"` : null}></div>
<p class="actions"><button>${texts.save}</button></p></form>`,
  };
}

export function addPhraseRoutes(app: FastifyInstance, parts: AgentParts): void {
  app.get(
    "/phrase",
    page(parts, (visit, request) => {
      const { saved } = request.query as Record<string, unknown>;
      return phrasePage(visit, nextOf(request.query), { isSaved: saved === "1" });
    }),
  );
  app.post(
    "/phrase",
    page(parts, (visit, request) => {
      const { phrase } = (request.body ?? {}) as Record<string, unknown>;
      const typed = typeof phrase === "string" ? phrase : "";
      const next = nextOf(request.body);
      const chosen = readPhrase(typed);
      if (chosen === null) return phrasePage(visit, next, { typed, isWrong: true });
      parts.phrase.set(chosen);
      return { to: next === "/" ? "/phrase?saved=1" : next };
    }),
  );
}

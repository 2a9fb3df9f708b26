// Answers requests for pages: checks the form's token, and puts the frame around the page.

import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import { ownPath } from "../../web/own-path.ts";
import { changesNothing } from "../access/access-rules.ts";
import type { AgentParts } from "../agent-parts.ts";
import { frame } from "./frame.ts";
import { POLICIES } from "./page-policy.ts";
import { isLanguage } from "./texts/language.ts";
import { type Answer, FORM_COOKIE, LANGUAGE_COOKIE, type PageHandler, type Visit, visitOf } from "./visit.ts";
import { WAITING_HEADER } from "./waiting.ts";

const SEE_OTHER = 303;
/** 400 days, the longest that browsers keep (RFC 6265bis §5.5). */
const LANGUAGE_S = 400 * 86_400;
/** The holder chooses the phrase first; what needs none is open before. */
const PHRASE_PATH = "/phrase";

export function send(reply: FastifyReply, visit: Visit, answer: Answer): FastifyReply {
  reply.header("cache-control", "no-store");
  if ("to" in answer) return reply.redirect(ownPath(answer.to), SEE_OTHER);
  const { next, policy = next === undefined ? "plain" : "waiting" } = answer;
  if (next !== undefined) reply.header(WAITING_HEADER, next);
  return reply
    .status(answer.status ?? 200)
    .header("content-security-policy", POLICIES[policy])
    .type("text/html; charset=utf-8")
    .send(frame(visit, answer));
}

/** The link to the other language: the choice becomes a cookie, and the address is as it was. @returns null: it is no such link */
function chosenLanguage(request: FastifyRequest, reply: FastifyReply): Answer | null {
  const { lang } = request.query as Record<string, unknown>;
  if (!changesNothing(request) || !isLanguage(lang)) return null;
  reply.setCookie(LANGUAGE_COOKIE, lang, { path: "/", httpOnly: true, sameSite: "lax", maxAge: LANGUAGE_S });
  const [path = "/", query = ""] = ownPath(request.url).split("?");
  const rest = new URLSearchParams(query);
  rest.delete("lang");
  return { to: `${path}${rest.size === 0 ? "" : `?${rest}`}` };
}

/** Where the phrase is chosen before anything else. @returns null: it is chosen, or this is where */
function phraseFirst({ phrase, path }: Visit, request: FastifyRequest): Answer | null {
  if (phrase !== null || path.split("?")[0] === PHRASE_PATH) return null;
  return { to: changesNothing(request) ? `${PHRASE_PATH}?${new URLSearchParams({ next: path })}` : PHRASE_PATH };
}

/** In a form's hidden field; of a form with files, which are read later, in the address. */
function formTokenOf({ body, query }: FastifyRequest): unknown {
  const fields = body as Record<string, unknown> | undefined | null;
  return fields?.["csrf"] ?? (query as Record<string, unknown>)["csrf"];
}

/** A page of the agent's. What changes something must come from one of its forms. */
export function page(parts: AgentParts, handle: PageHandler): RouteHandlerMethod {
  return async (request, reply) => {
    const cookie = request.cookies[FORM_COOKIE];
    if (!changesNothing(request)) parts.formTokens.require(cookie, formTokenOf(request));
    if (cookie !== parts.formTokens.cookie)
      reply.setCookie(FORM_COOKIE, parts.formTokens.cookie, { path: "/", httpOnly: true, sameSite: "strict" });
    const visit = visitOf(request, parts);
    return send(reply, visit, chosenLanguage(request, reply) ?? phraseFirst(visit, request) ?? (await handle(visit, request, reply)));
  };
}

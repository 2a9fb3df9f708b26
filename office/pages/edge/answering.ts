// Answers requests for pages: finds out who asks, checks where a change comes from, and puts the frame around the page.

import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import { frame } from "../frame/frame.ts";
import { signInPage } from "../sign-in/sign-in-page.ts";
import { isLanguage } from "../texts/language.ts";
import { setLanguage } from "./cookies.ts";
import { requireCsrfToken, requireOwnOrigin } from "./same-site.ts";
import type { Answer, Edge, OfficerPageHandler, PageHandler, Visit } from "./visit.ts";
import { ownPath, postedLanguage, visitOf } from "./visit.ts";

const SEE_OTHER = 303;

export function send(reply: FastifyReply, visit: Visit, answer: Answer): FastifyReply {
  reply.header("cache-control", "no-store");
  if ("to" in answer) return reply.redirect(answer.to, SEE_OTHER);
  return reply
    .status(answer.status ?? 200)
    .type("text/html; charset=utf-8")
    .send(frame(visit, answer));
}

const changesNothing = ({ method }: FastifyRequest): boolean => method === "GET" || method === "HEAD";

/** The link to the other language: the choice becomes a cookie, and the address is as it was. @returns where to go on, null: it is no such link */
function chosenLanguage(request: FastifyRequest, reply: FastifyReply, publicUrl: string): Answer | null {
  const { lang } = request.query as Record<string, unknown>;
  if (!changesNothing(request) || !isLanguage(lang)) return null;
  setLanguage(reply, lang, publicUrl);
  const [path = "/", query = ""] = ownPath(request.url).split("?");
  const rest = new URLSearchParams(query);
  rest.delete("lang");
  return { to: `${path}${rest.size === 0 ? "" : `?${rest}`}` };
}

/** For everybody. */
export function publicPage(edge: Edge, handle: PageHandler): RouteHandlerMethod {
  return async (request, reply) => {
    if (!changesNothing(request)) requireOwnOrigin(request.headers, edge.publicUrl, false);
    const posted = postedLanguage(request);
    if (posted !== null) setLanguage(reply, posted, edge.publicUrl);
    const elsewhere = chosenLanguage(request, reply, edge.publicUrl);
    const visit = await visitOf(request, edge);
    return send(reply, visit, elsewhere ?? (await handle(visit, request, reply)));
  };
}

/** For officers who are signed in; for others the sign-in page. What changes something also carries the session's token. */
export function officerPage(edge: Edge, handle: OfficerPageHandler): RouteHandlerMethod {
  return publicPage(edge, async (visit, request, reply) => {
    const { session } = visit;
    if (session === null) return signInPage(visit, edge, changesNothing(request) ? visit.path : "/");
    if (!changesNothing(request)) requireCsrfToken(session.secret, (request.body as Record<string, unknown> | undefined)?.["csrf"]);
    return handle({ ...visit, session }, request, reply);
  });
}

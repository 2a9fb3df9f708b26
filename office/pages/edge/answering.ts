// Answers requests for pages: finds out who asks, checks where a change comes from, and puts the frame around the page.

import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import { ownPath } from "../../../host-bridge/web/own-path.ts";
import { mailboxPage } from "../account/mailbox-page.ts";
import { frame } from "../frame/frame.ts";
import { signInPage } from "../sign-in/sign-in-page.ts";
import { isLanguage } from "../texts/language.ts";
import { setLanguage } from "./cookies.ts";
import { requireCsrfToken, requireOwnOrigin } from "./same-site.ts";
import type { AccountPageHandler, AccountVisit, Answer, Edge, OfficerPageHandler, OfficerVisit, PageHandler, Visit } from "./visit.ts";
import { postedLanguage, visitOf } from "./visit.ts";

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

/**
 * Where the session's token of a form is: in its fields; or in an upload, which only the handler reads: it calls requireOfficerToken or
 * requireAccountToken with the field that comes before the files.
 */
export type FormKind = "fields" | "upload";

/** @param given the field «csrf» @throws ForeignRequestError */
export const requireOfficerToken = ({ session }: OfficerVisit, given: unknown): void => requireCsrfToken(session.secret, given);

/** @param given the field «account-csrf» @throws ForeignRequestError */
export const requireAccountToken = ({ accountSession }: AccountVisit, given: unknown): void =>
  requireCsrfToken(accountSession.secret, given);

const fieldOf = ({ body }: FastifyRequest, name: string): unknown => (body as Record<string, unknown> | null | undefined)?.[name];

/** For accounts that are signed in; for others the page that asks for their mailbox. What changes something also carries the session's token. */
export function accountPage(edge: Edge, handle: AccountPageHandler, kind: FormKind = "fields"): RouteHandlerMethod {
  return publicPage(edge, async (visit, request, reply) => {
    const { account, accountSession } = visit;
    if (account === null || accountSession === null)
      return mailboxPage(visit, changesNothing(request) ? visit.path : "/account", { isNeeded: true });
    const own = { ...visit, account, accountSession };
    if (!changesNothing(request) && kind === "fields") requireAccountToken(own, fieldOf(request, "account-csrf"));
    return handle(own, request, reply);
  });
}

/** For officers who are signed in; for others the sign-in page. What changes something also carries the session's token. */
export function officerPage(edge: Edge, handle: OfficerPageHandler, kind: FormKind = "fields"): RouteHandlerMethod {
  return publicPage(edge, async (visit, request, reply) => {
    const { session } = visit;
    if (session === null) return signInPage(visit, edge, changesNothing(request) ? visit.path : "/");
    const own = { ...visit, session };
    if (!changesNothing(request) && kind === "fields") requireOfficerToken(own, fieldOf(request, "csrf"));
    return handle(own, request, reply);
  });
}

// A legal representative's request for a page: with a session that is apart from those of accounts and officers, and a form token of its own.

import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from "fastify";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { type SeenSession, seenSession } from "../../representatives/representative-sessions.ts";
import { publicPage } from "../edge/answering.ts";
import { cookieOf } from "../edge/cookies.ts";
import { csrfToken, requireCsrfToken } from "../edge/same-site.ts";
import type { Answer, Edge, Visit } from "../edge/visit.ts";

export interface RepresentativeVisit extends Visit {
  readonly seen: SeenSession;
  /** Of the cookie. */
  readonly secret: string;
}

/** What a page is for: the e-mail, the code, the key to be shown, the certificates. */
export type Step = "mailbox" | "code" | "collect" | "revoke";

const PLACES: Readonly<Record<Step, string>> = {
  mailbox: "/representative/mailbox",
  code: "/representative/code",
  collect: "/representative/key/show",
  revoke: "/representative",
};
const SIGN_IN = "/representative/sign-in";

/** The hidden field of every form of these pages that changes something. */
export const representativeCsrf = ({ secret }: RepresentativeVisit): Html =>
  html`<input type="hidden" name="representative-csrf" value="${csrfToken(secret)}">`;

/** Where somebody with this session goes on. */
export function nextPlace({ isOpen, hasCode, purpose }: SeenSession): string {
  if (isOpen) return PLACES[purpose];
  return PLACES[hasCode ? "code" : "mailbox"];
}

function isAt(step: Step, { isOpen, hasCode, purpose }: SeenSession): boolean {
  if (step === "mailbox") return !isOpen;
  if (step === "code") return !isOpen && hasCode;
  return isOpen && purpose === step;
}

export type RepresentativeHandler = (visit: RepresentativeVisit, request: FastifyRequest, reply: FastifyReply) => Promise<Answer> | Answer;

/** For whoever has come so far; others go to where they are. What changes something also carries the session's token. */
export function representativePage(edge: Edge, step: Step, handle: RepresentativeHandler): RouteHandlerMethod {
  return publicPage(edge, async (visit, request, reply) => {
    const secret = cookieOf(request, "representative", edge.publicUrl);
    if (secret === undefined) return { to: SIGN_IN };
    const seen = await seenSession(edge.store.db, secret, visit.now);
    if (seen === null) return { to: `${SIGN_IN}?over=yes` };
    const isChange = request.method !== "GET" && request.method !== "HEAD";
    if (isChange) requireCsrfToken(secret, (request.body as Record<string, unknown> | null | undefined)?.["representative-csrf"]);
    if (!isAt(step, seen)) return { to: nextPlace(seen) };
    return handle({ ...visit, seen, secret }, request, reply);
  });
}

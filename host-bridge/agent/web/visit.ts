// A request for a page: in which language, at what time. A route is a function from it to an answer.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Html } from "../../web/html.ts";
import { ownPath } from "../../web/own-path.ts";
import type { FormTokens } from "../access/form-token.ts";
import type { Clock } from "../clock.ts";
import type { HolderPhrase } from "../trust/holder-phrase.ts";
import type { PagePolicy } from "./page-policy.ts";
import type { Texts } from "./texts/french.ts";
import { isLanguage, type Language, preferredLanguage, TEXTS } from "./texts/language.ts";

export const FORM_COOKIE = "sceau-agent";
export const LANGUAGE_COOKIE = "sceau-agent-language";

export interface Visit {
  readonly language: Language;
  readonly texts: Texts;
  readonly now: Date;
  /** Path and query, for the links to the other language. */
  readonly path: string;
  /** The holder's; null: not chosen yet. */
  readonly phrase: string | null;
  /** For the hidden field of forms. */
  readonly formToken: string;
}

export interface PageAnswer {
  readonly status?: number;
  /** Also the page's heading. */
  readonly title: string;
  readonly body: Html;
  /** A path of ours whose answer comes when something has changed: the browser shows it then (waiting.ts). Only for pages without fields. */
  readonly next?: string;
  /** The way back to an office: the browser goes there at once. */
  readonly leavesTo?: string;
  /** Paths of further style sheets. */
  readonly styles?: readonly string[];
  /** Paths of modules; `policy` must let them in. */
  readonly scripts?: readonly string[];
  /** It shows a document beside its form. */
  readonly isWide?: boolean;
  /** Absent: no script. */
  readonly policy?: PagePolicy;
}

/** 303, to a path of ours. */
export interface RedirectAnswer {
  readonly to: string;
}

export type Answer = PageAnswer | RedirectAnswer;

/** There is no such page. */
export class NothingThereError extends Error {
  override readonly name = "NothingThereError";
}

/** What a visit takes from the agent. */
export interface VisitedAgent {
  readonly clock: Clock;
  readonly phrase: HolderPhrase;
  readonly formTokens: FormTokens;
  /** For whose browser names none that we have. */
  readonly language: Language;
}

export function visitOf(request: FastifyRequest, { clock, phrase, formTokens, language: fallback }: VisitedAgent): Visit {
  // None are read when the address was no address.
  const cookies: FastifyRequest["cookies"] | undefined = request.cookies;
  const chosen = cookies?.[LANGUAGE_COOKIE];
  const language = isLanguage(chosen) ? chosen : preferredLanguage(request.headers["accept-language"], fallback);
  return {
    language,
    texts: TEXTS[language],
    now: clock.now(),
    path: ownPath(request.url),
    phrase: phrase.text,
    formToken: formTokens.token,
  };
}

export type PageHandler = (visit: Visit, request: FastifyRequest, reply: FastifyReply) => Promise<Answer> | Answer;

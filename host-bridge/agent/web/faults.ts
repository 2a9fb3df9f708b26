// What an error means to the holder: turned into a page here, and nowhere else. Other areas bring their own errors by `addFault`.

import { SW_CONDITIONS_NOT_SATISFIED, SW_NOT_ENOUGH_MEMORY, SW_WRONG_DATA } from "../../../protocol/status-words.ts";
import { MalformedAnswerError } from "../../token/malformed-answer.ts";
import { PinLengthError } from "../../token/pin-length.ts";
import { TokenError } from "../../token/token-error.ts";
import { TransportError } from "../../transport/transport.ts";
import { type Html, type HtmlValue, html } from "../../web/html.ts";
import { AccessError } from "../access/access-error.ts";
import { DeskError, type DeskRefusal } from "../tokens/desk-error.ts";
import { TrustFileError } from "../trust/trust-file-error.ts";
import type { Texts } from "./texts/french.ts";
import { NothingThereError, type PageAnswer, type Visit } from "./visit.ts";

export interface Fault {
  readonly status: number;
  readonly title: string;
  /** What happened, and what to do. */
  readonly text: HtmlValue;
  /** A way on that is better than the start page: an office that the holder trusts. */
  readonly back?: { readonly href: string; readonly words: string };
  /** Nobody foresaw it: it is logged, with a number that the page shows. */
  readonly isUnexpected?: true;
}

type Kind = keyof Texts["faults"];
/** What an area makes of an error; null: it is none of its. */
export type FaultReader = (error: unknown, texts: Texts) => Fault | null;

const ACCESS_STATUS = 403;
const DESK_STATUS: Readonly<Record<DeskRefusal, number>> = {
  "not-plugged-in": 409,
  twice: 409,
  busy: 409,
  "unknown-work": 404,
  cancelled: 409,
};
const TOO_LARGE = 413;

function fault(kind: Kind, status: number, texts: Texts, more: HtmlValue = null): Fault {
  const { title, text } = texts.faults[kind];
  return { status, title, text: more === null ? text : html`${text} ${more}` };
}

function tokenFault({ sw, triesLeft }: TokenError, texts: Texts): Fault {
  if (triesLeft === 0) return fault("blocked", 409, texts);
  if (triesLeft !== null) return fault("wrong-pin", 422, texts, triesLeft === 1 ? texts.pin.lastTry : texts.pin.triesLeft(triesLeft));
  if (sw === SW_WRONG_DATA) return fault("weak-pin", 422, texts);
  if (sw === SW_CONDITIONS_NOT_SATISFIED) return fault("not-pressed", 409, texts);
  return fault(sw === SW_NOT_ENOUGH_MEMORY ? "token-full" : "token-refused", 409, texts);
}

/** What fastify itself refuses: a body that is too large, of another type, unreadable. */
function ofTheServer(error: unknown, texts: Texts): Fault {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : null;
  if (typeof status !== "number" || status < 400 || status >= 500) return { ...fault("unexpected", 500, texts), isUnexpected: true };
  return fault(status === TOO_LARGE ? "too-large" : "unreadable", status, texts);
}

/** @param readers of the areas */
export function faultOf(error: unknown, texts: Texts, readers: readonly FaultReader[]): Fault {
  for (const read of readers) {
    const found = read(error, texts);
    if (found !== null) return found;
  }
  if (error instanceof NothingThereError) return fault("not-found", 404, texts);
  if (error instanceof AccessError) return fault(error.refusal, ACCESS_STATUS, texts);
  if (error instanceof DeskError) return fault(error.refusal, DESK_STATUS[error.refusal], texts);
  if (error instanceof TrustFileError) return fault("trust-file", 500, texts, html`<code>${error.path}</code>`);
  if (error instanceof TokenError) return tokenFault(error, texts);
  if (error instanceof PinLengthError) return fault("weak-pin", 422, texts);
  if (error instanceof TransportError) return fault(error.failure === "confused" ? "token-confused" : "token-gone", 409, texts);
  if (error instanceof MalformedAnswerError) return fault("token-confused", 409, texts);
  return ofTheServer(error, texts);
}

/** @param id by which an unexpected one is found in the log @param again a path of ours */
export function faultPage({ texts }: Visit, { status, title, text, back, isUnexpected }: Fault, id: string, again?: string): PageAnswer {
  const link = (href: string, words: string, isQuiet: boolean): Html =>
    html`<a class="button${isQuiet ? " quiet" : ""}" href="${href}">${words}</a>`;
  return {
    status,
    title,
    body: html`<section class="card"><p>${text}</p>${isUnexpected ? html`<p>${texts.frame.errorId} <code>${id}</code></p>` : null}
<p class="actions">${again === undefined ? null : link(again, texts.frame.again, false)}${back === undefined ? null : link(back.href, back.words, again !== undefined)}${link("/", texts.frame.home, again !== undefined || back !== undefined)}</p></section>`,
  };
}

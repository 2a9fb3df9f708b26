// What an error of a request means to the holder.

import { ActivationError } from "../../activation/activation-error.ts";
import { OfficeClientError, OfficeRefusedError } from "../../office-client/office-client-error.ts";
import { html } from "../../web/html.ts";
import type { Fault } from "../web/faults.ts";
import type { Texts } from "../web/texts/french.ts";
import { RequestError, type RequestRefusal } from "./request-error.ts";

const GONE: ReadonlySet<RequestRefusal> = new Set(["taken", "over", "expired"]);

function statusOf(refusal: RequestRefusal): number {
  if (refusal === "untrusted" || refusal === "return") return 403;
  if (refusal === "link") return 422;
  return GONE.has(refusal) ? 410 : 409;
}

function refusedText(type: string, { requestFaults: { refused } }: Texts): string {
  if (type === "urn:sceau:activation:session") return refused.session;
  if (/^urn:sceau:office:challenge-/.test(type)) return refused.challenge;
  if (/^urn:sceau:office:(?:key-unknown|key-out-of-service|not-active)$/.test(type)) return refused.key;
  return refused.text;
}

export function requestFault(error: unknown, texts: Texts): Fault | null {
  const { request, requestFaults } = texts;
  if (error instanceof RequestError) {
    const { refusal, office } = error;
    const back = office === null || refusal === "untrusted" ? {} : { back: { href: office, words: request.back } };
    return { status: statusOf(refusal), ...requestFaults.trouble[refusal], ...back };
  }
  if (error instanceof ActivationError) return { status: 409, ...requestFaults.trouble[error.problem] };
  if (error instanceof OfficeClientError) {
    const status = error.problem === "url" || error.problem === "insecure" ? 422 : error.problem === "proxy" ? 500 : 502;
    const { title, text } = requestFaults.officeTrouble[error.problem];
    return { status, title, text: error.about === "" ? text : html`${text} <code>${error.about}</code>` };
  }
  if (error instanceof OfficeRefusedError) {
    return { status: 409, title: requestFaults.refused.title, text: html`${refusedText(error.type, texts)} <code>${error.type}</code>` };
  }
  return null;
}

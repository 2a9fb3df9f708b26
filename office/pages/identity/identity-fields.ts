// What the pages of appointments, checks and evidence share, on both sides of the desk.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { ContentError } from "../../identity/content/content-error.ts";
import { EVIDENCE_KINDS } from "../../identity/evidence.ts";
import { IdentityError } from "../../identity/identity-error.ts";
import type { EvidenceRecord } from "../../identity/identity-records.ts";
import type { Slot } from "../../identity/slots.ts";
import type { IdentityCheckState } from "../../states/identity-check-states.ts";
import type { FormState } from "../edge/form.ts";
import { NothingThereError, type Visit } from "../edge/visit.ts";
import { select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { pill, type Tone } from "../frame/parts.ts";

const TONES: Readonly<Record<IdentityCheckState, Tone>> = {
  booked: "waiting",
  in_review: "waiting",
  inconclusive: "bad",
  manual: "waiting",
  accepted: "good",
  refused: "bad",
  cancelled: "over",
};

export const checkPill = (state: IdentityCheckState, { texts }: Visit): Html => pill(texts.identity.states[state], TONES[state]);

/** Day, hour and zone. @param timeZone the office's */
export function appointmentTime(at: Date, { language }: Visit, timeZone: string): Html {
  const options: Intl.DateTimeFormatOptions = {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  };
  const text = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { ...options, timeZoneName: "short", timeZone }).format(at);
  return html`<time datetime="${at.toISOString()}">${text}</time>`;
}

export function dayOnly(at: Date, { language }: Visit, timeZone: string): string {
  const options: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone };
  return new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", options).format(at);
}

export function hourOnly(at: Date, { language }: Visit, timeZone: string): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", timeZone };
  return new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", options).format(at);
}

/** An officer has typed it: only what is an address of the web becomes a link. */
export function placeOf({ kind, place }: Pick<Slot, "kind" | "place">, { texts }: Visit): Html {
  if (kind !== "video" || !place.startsWith("https://")) return html`${place}`;
  return html`<a href="${place}" rel="noopener noreferrer">${texts.appointment.join}</a> <small>${place}</small>`;
}

export const evidenceName = (kind: string, { texts }: Visit): string =>
  texts.identity.evidenceKinds[EVIDENCE_KINDS.find((known) => known === kind) ?? "other"];

export function evidenceFormat({ mediaType, sizeBytes }: EvidenceRecord, { texts }: Visit): Readonly<Record<"format" | "size", string>> {
  const { mediaTypes } = texts.identity;
  const format = mediaType in mediaTypes ? mediaTypes[mediaType as keyof typeof mediaTypes] : mediaType;
  return { format, size: texts.evidence.kilobytes(Math.ceil(sizeBytes / 1000)) };
}

/** Something was refused, for a reason that stands in the texts. */
export const refusalBox = (text: string | null): Html | null =>
  text === null ? null : html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${text}</p></div>`;

/** @throws the error itself when it is none of these; NothingThereError for what there is not */
export function refusalText(error: unknown, { texts }: Visit): string {
  if (error instanceof ContentError) return texts.identity.contents[error.refusal];
  if (!(error instanceof IdentityError)) throw error;
  if (error.refusal === "unknown") throw new NothingThereError();
  return texts.identity.refusals[error.refusal];
}

/** The token comes first: it is looked at before the file is taken. */
export function uploadForm(visit: Visit, form: FormState, action: string): Html {
  const { texts } = visit;
  const { evidence, identity } = texts;
  const options = EVIDENCE_KINDS.map((kind) => [kind, identity.evidenceKinds[kind]] as const);
  return html`<form method="post" action="${action}" enctype="multipart/form-data" novalidate>${csrfField(visit)}
${select(form, "kind", { label: evidence.kind }, texts, options)}
<div class="field"><label for="file">${evidence.file}</label><p class="hint" id="file-hint">${evidence.fileHint}</p>
<input id="file" name="file" type="file" accept="image/jpeg,image/png,application/pdf" aria-describedby="file-hint" required></div>
<p class="actions"><button>${evidence.submit}</button></p></form>`;
}

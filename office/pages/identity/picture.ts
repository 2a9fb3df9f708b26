// A picture of a document, as the verifier looks at it: turned, enlarged and put back (S23), by the style sheet alone. Nothing is sent for it and nothing is
// loaded, so what was ticked and typed beside it stays. Turning is a matter of looking: the picture on record is what came.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { CheckSheet, EvidenceRecord } from "../../identity/identity-records.ts";
import type { OfficerVisit } from "../edge/visit.ts";
import { time } from "../frame/parts.ts";
import { evidenceFormat, evidenceName } from "./identity-fields.ts";

/** Degrees, clockwise. The style sheet knows each. */
const TURNS = [0, 90, 180, 270] as const;
const ZOOMS = [1, 2, 4] as const;

/** The first one is as the page begins, and what a reset leads back to. */
function radios(name: string, legend: Html, values: readonly number[], unit: string): Html {
  return html`<fieldset><legend>${legend}</legend>${values.map(
    (value, index) =>
      html`<label><input type="radio" name="${name}" value="${value}"${index === 0 ? html` checked` : null}> ${value}${unit}</label>`,
  )}</fieldset>`;
}

/** A form that goes nowhere (HTML §4.10.21.3, «dialog» outside of one). */
function looking({ texts: { checks } }: OfficerVisit, name: string): Html {
  const of = (text: string): Html => html`${text}<span class="unseen"> (${name})</span>`;
  return html`<form class="looking" method="dialog">${radios("turn", of(checks.turn), TURNS, "°")}
${radios("zoom", of(checks.zoom), ZOOMS, " ×")}<button type="reset" class="quiet">${of(checks.putBack)}</button></form>`;
}

export function picture(visit: OfficerVisit, { dossier, office }: CheckSheet, record: EvidenceRecord): Html {
  const { checks, evidence } = visit.texts;
  const name = evidenceName(record.kind, visit);
  const { format, size } = evidenceFormat(record, visit);
  const source = `/identity/evidence/${record.id}`;
  const about = html`<figcaption>${name} <small>${format}, ${size}, ${time(record.uploadedAt, visit, office.timeZone, "day")}</small></figcaption>`;
  if (record.destroyedAt !== null) return html`<figure>${about}<p class="unknown">${evidence.destroyed}</p></figure>`;
  if (record.mediaType === "application/pdf") return html`<figure>${about}<p><a href="${source}">${checks.download}</a></p></figure>`;
  const text = checks.pictureOf(name, `${dossier.givenName} ${dossier.surname}`);
  return html`<figure>${about}<div class="view"><a href="${source}"><img src="${source}" alt="${text}. ${checks.enlarge}"></a></div>
${looking(visit, name)}</figure>`;
}

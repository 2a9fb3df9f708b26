// The applicant's pictures of their document (S23): sent, taken back; and the red message when a file is not accepted.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import { MAX_EVIDENCE } from "../../identity/evidence.ts";
import type { EvidenceRecord } from "../../identity/identity-records.ts";
import type { OwnDossier } from "../application/application-records.ts";
import { stepper } from "../application/stepper.ts";
import type { FormState } from "../edge/form.ts";
import type { AccountVisit, PageAnswer } from "../edge/visit.ts";
import { csrfField } from "../frame/frame.ts";
import { notice, time } from "../frame/parts.ts";
import { evidenceFormat, evidenceName, refusalBox, uploadForm } from "../identity/identity-fields.ts";
import { stepFor } from "./appointment-page.ts";

export interface OwnEvidence extends OwnDossier {
  readonly evidence: readonly EvidenceRecord[];
  readonly keptDays: number;
  /** Nobody has begun the check. */
  readonly mayRemove: boolean;
}

export interface EvidenceTold {
  readonly done: string | null;
  readonly refusal: string | null;
  /** What is wrong with the file itself: there are three ways to go on. */
  readonly isFile: boolean;
}

const address = (dossierId: string): string => `/my/dossiers/${dossierId}/evidence`;
const ofAccount = ({ account }: AccountVisit): string => `account:${account.id}`;

/** S23: Recommencer / Continuer / Abandonner. */
function wrongFile(visit: AccountVisit, dossierId: string, refusal: string): Html {
  const { evidence } = visit.texts;
  return html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${evidence.wrong}</p><p>${refusal}</p></div>
<form method="post" action="${address(dossierId)}/by-hand">${csrfField(visit)}<p>${evidence.wrongText}</p>
<ul><li><strong>${evidence.again}</strong> – ${evidence.againText}</li><li><strong>${evidence.goOn}</strong> – ${evidence.goOnText}</li>
<li><strong>${evidence.giveUp}</strong> – ${evidence.giveUpText}</li></ul>
<p class="actions"><a class="button" href="${address(dossierId)}">${evidence.again}</a><button class="quiet">${evidence.goOn}</button>
<a class="button quiet" href="/my/dossiers/${dossierId}">${evidence.giveUp}</a></p></form>`;
}

function removal(
  visit: AccountVisit,
  { dossier, mayRemove }: OwnEvidence,
  { id, kind, uploadedBy, destroyedAt }: EvidenceRecord,
): Html | string {
  const { evidence } = visit.texts;
  if (destroyedAt !== null) return evidence.destroyed;
  if (!mayRemove || uploadedBy !== ofAccount(visit)) return "–";
  return html`<form method="post" action="${address(dossier.id)}/${id}/remove">${csrfField(visit)}<button class="quiet">${evidence.remove}<span class="unseen"> (${evidenceName(kind, visit)})</span></button></form>`;
}

function list(visit: AccountVisit, own: OwnEvidence): Html {
  const { evidence } = visit.texts;
  const rows = own.evidence.map((record) => {
    const { format, size } = evidenceFormat(record, visit);
    const day = (at: Date): Html => time(at, visit, own.timeZone, "day");
    return [
      evidenceName(record.kind, visit),
      format,
      size,
      day(record.uploadedAt),
      day(record.destroyedAt ?? record.destroyAt),
      removal(visit, own, record),
    ];
  });
  return table({ caption: evidence.list, columns: evidence.columns, rows, none: evidence.none });
}

const DONE = { added: "added", removed: "removed", "by-hand": "byHand" } as const;

export function evidencePage(visit: AccountVisit, form: FormState, own: OwnEvidence, { done, refusal, isFile }: EvidenceTold): PageAnswer {
  const { evidence, appointment } = visit.texts;
  const { dossier } = own;
  const isOpen = dossier.state === "submitted" || dossier.state === "identity_pending";
  const kept = own.evidence.filter(({ destroyedAt }) => destroyedAt === null).length;
  const told = done !== null && Object.hasOwn(DONE, done) ? evidence[DONE[done as keyof typeof DONE]] : null;
  const problem = refusal === null ? null : isFile ? wrongFile(visit, dossier.id, refusal) : refusalBox(refusal);
  const add =
    isOpen && kept < MAX_EVIDENCE
      ? html`<h2>${evidence.add}</h2>${uploadForm(visit, form, address(dossier.id))}`
      : html`<p class="none">${evidence.closed}</p>`;
  return {
    status: refusal === null ? 200 : 422,
    title: evidence.title,
    body: html`${stepper(visit, stepFor(own))}${told === null ? null : notice(told)}${problem}
<p class="lead">${evidence.lead}</p><p>${evidence.kept(own.keptDays)}</p>
${dossier.evidenceByHandAt === null || done === "by-hand" ? null : html`<p class="warning">${evidence.byHand}</p>`}
<h2>${evidence.list}</h2>${list(visit, own)}
${isFile ? null : add}
<p class="actions"><a class="button quiet" href="/my/dossiers/${dossier.id}/appointment">${appointment.title}</a><a class="button quiet" href="/my/dossiers/${dossier.id}">${appointment.back}</a></p>`,
  };
}

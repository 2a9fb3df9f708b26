// A check's page: what the application says and what was sent, beside the points that the verifier goes through.

import { z } from "zod";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { CHECKLIST } from "../../identity/checks.ts";
import { EVIDENCE_KINDS } from "../../identity/evidence.ts";
import type { CheckSheet } from "../../identity/identity-records.ts";
import { type FormState, says } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { choices, problemList, textArea } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, notice } from "../frame/parts.ts";
import { appointmentTime, checkPill, placeOf, refusalBox, uploadForm } from "./identity-fields.ts";
import { picture } from "./picture.ts";

const MAX_NOTE = 2000;
const DECISIONS = ["accept", "refuse", "doubt"] as const;

const note = z
  .string()
  .catch("")
  .transform((text) => text.trim())
  .refine((text) => text.length <= MAX_NOTE, says("too-long"));
/** One box that is ticked comes as a text, several as a list. */
const seen = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((given) => {
    const ticked = typeof given === "string" ? [given] : (given ?? []);
    return CHECKLIST.filter((item) => ticked.includes(item));
  });

export const VERDICT = z.object({ decision: z.enum(DECISIONS, says("choose")), seen, note });
export const CALL_OFF = z.object({ reason: z.string(says("required")).trim().min(1, says("required")).max(MAX_NOTE, says("too-long")) });

export interface CheckTold {
  readonly done: string | null;
  readonly refusal: string | null;
}

const address = ({ check }: CheckSheet): string => `/identity/checks/${check.id}`;

function pictures(visit: OfficerVisit, sheet: CheckSheet): Html {
  const { checks } = visit.texts;
  const sorted = EVIDENCE_KINDS.flatMap((kind) => sheet.evidence.filter((record) => record.kind === kind));
  const list = sorted.length === 0 ? html`<p class="none">${checks.noPictures}</p>` : sorted.map((record) => picture(visit, sheet, record));
  return html`<h2>${checks.pictures}</h2>${sheet.dossier.evidenceByHandAt === null ? null : html`<p class="warning">${checks.byHand}</p>`}
<div class="pictures">${list}</div>`;
}

function button(visit: OfficerVisit, sheet: CheckSheet, action: string, text: string, label: string): Html {
  return html`<form class="card" method="post" action="${address(sheet)}/${action}">${csrfField(visit)}<p>${text}</p><p class="actions"><button>${label}</button></p></form>`;
}

function deciding(visit: OfficerVisit, sheet: CheckSheet, form: FormState): Html {
  const { texts } = visit;
  const { checks } = texts;
  const items = CHECKLIST.map((item) => [item, checks.items[item]] as const);
  const mayDoubt = sheet.check.state === "in_review";
  const decisions = DECISIONS.filter((decision) => mayDoubt || decision !== "doubt").map(
    (decision) => [decision, checks.decisions[decision]] as const,
  );
  return html`<form method="post" action="${address(sheet)}" novalidate>${csrfField(visit)}
${choices(form, "seen", { label: checks.list }, texts, items, "checkbox")}
${textArea(form, "note", { label: checks.note, hint: checks.noteHint }, texts, MAX_NOTE, false)}
${choices(form, "decision", { label: checks.decision }, texts, decisions, "radio")}
<p class="actions"><button>${checks.decide}</button></p></form>`;
}

function decided(visit: OfficerVisit, { check }: CheckSheet): Html {
  const { checks, frame } = visit.texts;
  return html`<h2>${checks.checklist}</h2>${facts(
    CHECKLIST.map((item) => [checks.items[item], check.checklist[item] === true ? checks.yes : checks.no] as const),
    frame.unknown,
  )}`;
}

/** What this officer does next. */
function task(visit: OfficerVisit, sheet: CheckSheet, form: FormState): Html | null {
  const { checks, identity } = visit.texts;
  const { check } = sheet;
  const isMine = check.officerId === visit.session.officer.id;
  switch (check.state) {
    case "booked":
      return button(visit, sheet, "begin", checks.beginText, checks.begin);
    case "inconclusive":
      return isMine ? html`<p class="warning">${checks.another}</p>` : button(visit, sheet, "take-up", checks.takeUpText, checks.takeUp);
    case "in_review":
    case "manual":
      return isMine ? deciding(visit, sheet, form) : html`<p class="warning">${identity.refusals["other-verifier"]}</p>`;
    case "accepted":
    case "refused":
      return decided(visit, sheet);
    case "cancelled":
      return null;
  }
}

function callOff(visit: OfficerVisit, sheet: CheckSheet, form: FormState): Html | null {
  const { texts } = visit;
  const { checks } = texts;
  if (["accepted", "refused", "cancelled"].includes(sheet.check.state)) return null;
  return html`<details${form.problems["reason"] === undefined ? null : html` open`}><summary>${checks.callOff}</summary>
<form method="post" action="${address(sheet)}/call-off" novalidate>${csrfField(visit)}<p>${checks.callOffText}</p>
${textArea(form, "reason", { label: checks.reason }, texts, MAX_NOTE)}<p class="actions"><button class="quiet">${checks.callOffButton}</button></p></form></details>`;
}

const DONE = ["begun", "taken", "decided", "added"] as const;

export function checkPage(visit: OfficerVisit, sheet: CheckSheet, form: FormState, { done, refusal }: CheckTold): PageAnswer {
  const { texts } = visit;
  const { checks } = texts;
  const { check, slot, dossier, office, officerName } = sheet;
  const told = DONE.find((known) => known === done);
  const isTaking = dossier.state === "submitted" || dossier.state === "identity_pending";
  const upload = html`<details><summary>${checks.upload}</summary>${uploadForm(visit, form, `${address(sheet)}/evidence`)}</details>`;
  const labels = { seen: checks.list, note: checks.note, decision: checks.decision, reason: checks.reason };
  return {
    status: refusal === null ? formStatus(form) : 422,
    title: `${checks.sheet} – ${dossier.givenName} ${dossier.surname}`,
    body: html`${told === undefined ? null : notice(checks.done[told])}${refusalBox(refusal)}${problemList(form, texts, labels)}
<h2>${checks.application}</h2>${facts(
      [
        [checks.toDossier, html`<a href="/dossiers/${dossier.id}"><code>${dossier.number}</code></a>`],
        [checks.name, `${dossier.givenName} ${dossier.surname}`],
        [checks.titleAndNumber, [dossier.title, dossier.memberNumber].filter((text) => text !== "").join(", ")],
        [checks.phone, dossier.phone],
        [checks.email, dossier.email],
        [texts.appointment.when, appointmentTime(slot.startsAt, visit, office.timeZone)],
        [texts.appointment.where, placeOf(slot, visit)],
        [checks.state, checkPill(check.state, visit)],
        [checks.officer, officerName ?? checks.nobody],
        ...(check.note === null ? [] : [[checks.note, check.note] as const]),
      ],
      texts.frame.unknown,
    )}
<div class="check"><section>${pictures(visit, sheet)}${isTaking ? upload : null}</section><section>${task(visit, sheet, form)}${callOff(visit, sheet, form)}</section></div>
<p class="actions"><a class="button quiet" href="/identity">${checks.toDay}</a></p>`,
  };
}

// The applicant's appointment (S13): the one they have, those that are free, what to bring.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { CheckWithSlot } from "../../identity/identity-records.ts";
import type { Slot } from "../../identity/slots.ts";
import { zonedDay } from "../../identity/zoned-time.ts";
import type { OwnDossier } from "../application/application-records.ts";
import { type Step, stepOf, stepper } from "../application/stepper.ts";
import type { FormState } from "../edge/form.ts";
import type { AccountVisit, PageAnswer } from "../edge/visit.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, notice } from "../frame/parts.ts";
import { appointmentTime, dayOnly, hourOnly, placeOf, refusalBox } from "../identity/identity-fields.ts";

export interface AppointmentFacts extends OwnDossier {
  /** null: there is none that is not decided. */
  readonly open: CheckWithSlot | null;
  readonly free: readonly Slot[];
}

export interface Told {
  readonly done: string | null;
  readonly refusal: string | null;
}

const address = (dossierId: string): string => `/my/dossiers/${dossierId}/appointment`;

function mine(visit: AccountVisit, { dossier, open, timeZone }: AppointmentFacts): Html | null {
  if (open === null) return null;
  const { texts, now } = visit;
  const { appointment } = texts;
  const { check, slot } = open;
  const mayCancel = check.state === "booked" && slot.startsAt > now;
  return html`<h2>${appointment.yours}</h2>${facts(
    [
      [appointment.when, appointmentTime(slot.startsAt, visit, timeZone)],
      [appointment.duration, texts.identity.minutes(slot.minutes)],
      [appointment.how, texts.identity.kinds[slot.kind]],
      [appointment.where, placeOf(slot, visit)],
    ],
    texts.frame.unknown,
  )}${
    mayCancel
      ? html`<form method="post" action="${address(dossier.id)}/cancel">${csrfField(visit)}<p class="actions"><button class="quiet">${appointment.cancel}</button></p></form>`
      : null
  }`;
}

function byDay(slots: readonly Slot[], timeZone: string): readonly (readonly Slot[])[] {
  const days = new Map<string, Slot[]>();
  for (const slot of slots) {
    const day = zonedDay(slot.startsAt, timeZone);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return [...days.values()];
}

/** One choice in all, a group a day. */
function freeDays(visit: AccountVisit, form: FormState, { free, timeZone }: AppointmentFacts): Html {
  const { identity } = visit.texts;
  return html`${byDay(free, timeZone).map((slots) => {
    const [first] = slots;
    if (first === undefined) return null;
    return html`<fieldset class="field"><legend>${dayOnly(first.startsAt, visit, timeZone)}</legend>${slots.map(
      (
        slot,
      ) => html`<label class="choice"><input type="radio" name="slot" value="${slot.id}"${form.has("slot", slot.id) ? html` checked` : null} required>
<span>${hourOnly(slot.startsAt, visit, timeZone)}, ${identity.minutes(slot.minutes)}, ${identity.kinds[slot.kind].toLowerCase()}${
        slot.kind === "desk" ? html` <small>${slot.place}</small>` : null
      }</span></label>`,
    )}</fieldset>`;
  })}`;
}

function choosing(visit: AccountVisit, form: FormState, own: AppointmentFacts): Html {
  const { appointment } = visit.texts;
  const { dossier, open, free, timeZone } = own;
  const title = open === null ? appointment.choose : appointment.change;
  const lead = open === null ? null : html`<p>${appointment.changeText}</p>`;
  const list =
    free.length === 0
      ? html`<p class="none">${appointment.none}</p>`
      : html`<form method="post" action="${address(dossier.id)}" novalidate>${csrfField(visit)}<p class="hint">${appointment.zone} (${timeZone})</p>
${freeDays(visit, form, own)}<p class="actions"><button>${appointment.book}</button></p></form>`;
  return html`<h2>${title}</h2>${lead}${list}`;
}

function content(visit: AccountVisit, form: FormState, own: AppointmentFacts): Html {
  const { appointment } = visit.texts;
  const { dossier, open } = own;
  if (open !== null && open.check.state !== "booked") return html`<p>${appointment.going}</p>`;
  if (dossier.state !== "submitted" && dossier.state !== "identity_pending") return html`<p>${appointment.notNow}</p>`;
  if (open !== null && open.slot.startsAt <= visit.now) return html`<p>${visit.texts.identity.refusals["too-late"]}</p>`;
  return choosing(visit, form, own);
}

export const stepFor = (own: OwnDossier): Step => stepOf(own.dossier.state) ?? 2;

export function appointmentPage(visit: AccountVisit, form: FormState, own: AppointmentFacts, { done, refusal }: Told): PageAnswer {
  const { appointment } = visit.texts;
  const { dossier } = own;
  const told = done === "booked" ? appointment.booked : done === "cancelled" ? appointment.cancelled : null;
  return {
    status: refusal === null ? 200 : 409,
    title: appointment.title,
    body: html`${stepper(visit, stepFor(own))}${told === null ? null : notice(told)}${refusalBox(refusal)}<p class="lead">${appointment.lead}</p>
${mine(visit, own)}
<section class="card"><h2>${appointment.bring}</h2><ul>${appointment.bringList.map((item) => html`<li>${item}</li>`)}</ul></section>
<section class="card"><p>${appointment.evidenceText}</p><p><a href="/my/dossiers/${dossier.id}/evidence">${appointment.toEvidence}</a></p></section>
${content(visit, form, own)}
<p class="actions"><a class="button quiet" href="/my/dossiers/${dossier.id}">${appointment.back}</a></p>`,
  };
}

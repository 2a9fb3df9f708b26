// The appointments that a verifier offers, and the form for more.

import { z } from "zod";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { OfferedSlot } from "../../identity/identity-records.ts";
import { MAX_SLOT_MINUTES, MIN_SLOT_MINUTES } from "../../identity/slots.ts";
import { type FormState, says } from "../edge/form.ts";
import { lineField } from "../edge/line-field.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { choices, input, problemList, select } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { formStatus, notice } from "../frame/parts.ts";
import { appointmentTime, placeOf, refusalBox } from "./identity-fields.ts";

const MAX_PLACE = 300;

const hour = z
  .string(says("required"))
  .trim()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, says("not-an-hour"));

export const OFFER = z
  .object({
    office: z.uuid(says("choose")),
    kind: z.enum(["video", "desk"], says("choose")),
    place: lineField(MAX_PLACE).min(1, says("required")),
    day: z
      .string(says("required"))
      .trim()
      .regex(/^\d{4}-\d\d-\d\d$/, says("not-a-day")),
    from: hour,
    to: hour,
    minutes: z.coerce
      .number(says("not-minutes"))
      .int(says("not-minutes"))
      .min(MIN_SLOT_MINUTES, says("not-minutes"))
      .max(MAX_SLOT_MINUTES, says("not-minutes")),
  })
  .superRefine(({ kind, place }, context) => {
    if (kind === "video" && !/^https:\/\/[^\s]+$/.test(place))
      context.addIssue({ code: "custom", path: ["place"], message: says("not-a-call").error });
  });

export interface SlotsFacts {
  readonly timeZone: string;
  /** In which this officer checks identities. */
  readonly offices: readonly { readonly id: string; readonly name: string }[];
  readonly slots: readonly OfferedSlot[];
}

export interface SlotsTold {
  readonly notice: string | null;
  readonly refusal: string | null;
}

function withdrawal(visit: OfficerVisit, { slot, isBooked }: OfferedSlot, timeZone: string): Html | null {
  const { checks } = visit.texts;
  if (isBooked) return null;
  const which = appointmentTime(slot.startsAt, visit, timeZone);
  return html`<form method="post" action="/identity/slots/${slot.id}/withdraw">${csrfField(visit)}<button class="quiet">${checks.withdraw}<span class="unseen"> (${which})</span></button></form>`;
}

function offerForm(visit: OfficerVisit, form: FormState, { offices }: SlotsFacts): Html {
  const { texts } = visit;
  const { checks, identity } = texts;
  const kinds = (["video", "desk"] as const).map((kind) => [kind, identity.kinds[kind]] as const);
  const [only, ...others] = offices;
  const office =
    others.length > 0 || only === undefined
      ? select(
          form,
          "office",
          { label: checks.office },
          texts,
          offices.map(({ id, name }) => [id, name] as const),
        )
      : html`<input type="hidden" name="office" value="${only.id}">`;
  const required = { isRequired: true };
  return html`<h2>${checks.offer}</h2><form method="post" action="/identity/slots" novalidate>${csrfField(visit)}${office}
${choices(form, "kind", { label: checks.kind }, texts, kinds, "radio")}
${input(form, "place", { label: checks.place, hint: checks.placeHint }, texts, { ...required, maxLength: MAX_PLACE })}
${input(form, "day", { label: checks.dayField, hint: checks.dayHint }, texts, required)}
${input(form, "from", { label: checks.from, hint: checks.hourHint }, texts, required)}
${input(form, "to", { label: checks.to, hint: checks.hourHint }, texts, required)}
${input(form, "minutes", { label: checks.every }, texts, { ...required, inputMode: "numeric" })}
<p class="actions"><button>${checks.offerButton}</button><a class="button quiet" href="/identity">${checks.toDay}</a></p></form>`;
}

export function slotsPage(visit: OfficerVisit, form: FormState, facts: SlotsFacts, told: SlotsTold): PageAnswer {
  const { texts } = visit;
  const { checks, identity } = texts;
  const rows = facts.slots.map((offered) => {
    const { slot, isBooked } = offered;
    return [
      appointmentTime(slot.startsAt, visit, facts.timeZone),
      identity.minutes(slot.minutes),
      identity.kinds[slot.kind],
      placeOf(slot, visit),
      isBooked ? checks.taken : checks.free,
      withdrawal(visit, offered, facts.timeZone),
    ];
  });
  const labels = {
    office: checks.office,
    kind: checks.kind,
    place: checks.place,
    day: checks.dayField,
    from: checks.from,
    to: checks.to,
    minutes: checks.every,
  };
  return {
    status: told.refusal === null ? formStatus(form) : 409,
    title: checks.slotsTitle,
    body: html`${told.notice === null ? null : notice(told.notice)}${refusalBox(told.refusal)}${problemList(form, texts, labels)}
${table({ caption: checks.slotsTitle, columns: checks.slotsColumns, rows, none: checks.noSlots })}
${offerForm(visit, form, facts)}`,
  };
}

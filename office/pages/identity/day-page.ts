// A verifier's day: who comes when, and what earlier days have left.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { ListedCheck } from "../../identity/identity-records.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { notice } from "../frame/parts.ts";
import { appointmentTime, checkPill, dayOnly, hourOnly } from "./identity-fields.ts";

export interface Day {
  /** Its beginning; and the days beside it, as 2026-12-01. */
  readonly from: Date;
  readonly previous: string;
  readonly next: string;
  readonly timeZone: string;
  readonly checks: readonly ListedCheck[];
  readonly earlier: readonly ListedCheck[];
}

function rows(visit: OfficerVisit, checks: readonly ListedCheck[], timeZone: string, isToday: boolean) {
  const { identity, checks: texts } = visit.texts;
  return checks.map(({ id, name, startsAt, minutes, kind, dossierNumber, state, officerName }) => [
    html`<a href="/identity/checks/${id}">${name}</a>`,
    isToday ? hourOnly(startsAt, visit, timeZone) : appointmentTime(startsAt, visit, timeZone),
    identity.minutes(minutes),
    identity.kinds[kind],
    html`<code>${dossierNumber}</code>`,
    checkPill(state, visit),
    officerName ?? texts.nobody,
  ]);
}

function earlierOnes(visit: OfficerVisit, { earlier, timeZone }: Day): Html | null {
  const { checks: texts } = visit.texts;
  if (earlier.length === 0) return null;
  const list = table({
    caption: texts.earlier,
    columns: texts.columns,
    rows: rows(visit, earlier, timeZone, false),
    none: texts.noneToday,
  });
  return html`<h2>${texts.earlier}</h2>${list}`;
}

export function dayPage(visit: OfficerVisit, day: Day, done: string | null): PageAnswer {
  const { checks: texts } = visit.texts;
  const caption = `${texts.day} – ${dayOnly(day.from, visit, day.timeZone)}`;
  return {
    title: texts.title,
    body: html`${done === "off" ? notice(texts.done.off) : null}<h2>${caption}</h2>
${table({ caption, columns: texts.columns, rows: rows(visit, day.checks, day.timeZone, true), none: texts.noneToday })}
<p class="actions"><a class="button quiet" href="/identity?day=${day.previous}">${texts.previous}</a><a class="button quiet" href="/identity?day=${day.next}">${texts.next}</a>
<a class="button" href="/identity/slots">${texts.toSlots}</a></p>
${earlierOnes(visit, day)}`,
  };
}

// Unlocking: the list of what is locked, and the page that asks why.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, notice, table } from "../frame/parts.ts";
import type { LockedThing } from "./unlock-records.ts";

export const MAX_REASON = 300;

function what({ texts: { unlocking } }: OfficerVisit, { kind, dossier }: LockedThing): Html {
  return html`${unlocking.kinds[kind]}${dossier === null ? null : html`<small><a href="/dossiers/${dossier.id}">${unlocking.dossier(dossier.number)}</a></small>`}`;
}

export function lockedPage(visit: OfficerVisit, things: readonly LockedThing[], isDone: boolean): PageAnswer {
  const { unlocking: texts } = visit.texts;
  const rows = things.map((thing) => [
    thing.email,
    what(visit, thing),
    html`<a class="button quiet" href="/unlock/${thing.kind}/${thing.id}">${texts.open}<span class="unseen"> (${thing.email}, ${texts.kinds[thing.kind]})</span></a>`,
  ]);
  return {
    title: texts.title,
    body: html`${isDone ? notice(texts.done) : null}<p>${texts.text}</p>
${table({ caption: texts.title, columns: texts.columns, rows, none: texts.none })}`,
  };
}

export function unlockPage(visit: OfficerVisit, thing: LockedThing, form: FormState): PageAnswer {
  const { unlocking: texts, frame } = visit.texts;
  const [email, locked] = texts.columns;
  return {
    status: formStatus(form),
    title: texts.oneTitle(thing.email),
    body: html`${problemList(form, visit.texts, { reason: texts.reason })}
<p>${texts.after}</p>
${facts(
  [
    [email, thing.email],
    [locked, what(visit, thing)],
  ],
  frame.unknown,
)}
<h2>${texts.open}</h2>
<form method="post" action="/unlock/${thing.kind}/${thing.id}" novalidate>${csrfField(visit)}
${input(form, "reason", { label: texts.reason, hint: texts.reasonHint }, visit.texts, { isRequired: true, maxLength: MAX_REASON })}
<p class="actions"><button>${texts.open}</button><a class="button quiet" href="/unlock">${frame.cancel}</a></p></form>`,
  };
}

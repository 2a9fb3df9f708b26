// Unlocking: the list of what is locked, and the page that asks why.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { table } from "../../../host-bridge/web/table.ts";
import type { FormState } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, notice } from "../frame/parts.ts";
import type { LockedThing } from "./unlock-records.ts";

export const MAX_REASON = 300;

const dossierLink = ({ dossier }: LockedThing, { texts: { unlocking } }: OfficerVisit): Html | null =>
  dossier === null ? null : html`<a href="/dossiers/${dossier.id}">${unlocking.dossier(dossier.number)}</a>`;

function what(visit: OfficerVisit, thing: LockedThing): Html {
  const link = dossierLink(thing, visit);
  return html`${visit.texts.unlocking.kinds[thing.kind]}${link === null ? null : html` – ${link}`}`;
}

export function lockedPage(visit: OfficerVisit, things: readonly LockedThing[], isDone: boolean): PageAnswer {
  const { unlocking: texts } = visit.texts;
  const [email, , action] = texts.columns;
  const rows = things.map((thing) => [
    html`<span class="mailbox">${thing.email}</span><small>${what(visit, thing)}</small>`,
    html`<a class="button quiet" href="/unlock/${thing.kind}/${thing.id}">${texts.open}<span class="unseen"> (${thing.email}, ${texts.kinds[thing.kind]})</span></a>`,
  ]);
  return {
    title: texts.title,
    body: html`${isDone ? notice(texts.done) : null}<p>${texts.text}</p>
${table({ caption: texts.title, columns: [email, action], rows, none: texts.none })}`,
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

// A decision about a dossier: what it means, what is written beside it, and, for what can't be undone, the dossier's number typed.

import { z } from "zod";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { MAX_NOTE_CHARACTERS, MIN_NOTE_CHARACTERS } from "../../dossiers/note.ts";
import { type FormState, says } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { choices, type FieldTexts, input, problemList, textArea } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus } from "../frame/parts.ts";
import { dossierPill } from "../frame/state-pills.ts";
import { typedEnd } from "../frame/typed-confirmation.ts";
import { type DossierAction, isFinal } from "./dossier-actions.ts";
import type { DossierRecord } from "./dossier-record.ts";
import { paymentPill } from "./dossiers-page.ts";

const note = z
  .string(says("required"))
  .trim()
  .min(1, says("required"))
  .min(MIN_NOTE_CHARACTERS, says("note-short"))
  .max(MAX_NOTE_CHARACTERS, says("too-long"));
const nothing = z
  .unknown()
  .optional()
  .transform(() => "");

const hasNote = (action: DossierAction): boolean => action !== "reference";

export const dossierDecisionForm = ({ dossier }: DossierRecord, action: DossierAction) =>
  z.object({
    confirmed: action === "approve" ? z.literal("yes", says("confirm")) : nothing,
    note: hasNote(action) ? note : nothing,
    confirmation: isFinal(action) ? typedEnd(dossier.number, "not-the-dossier") : nothing,
  });

function noteTexts(action: DossierAction, { texts: { dossiers } }: OfficerVisit): FieldTexts {
  switch (action) {
    case "approve":
      return { label: dossiers.status, hint: dossiers.statusHint };
    case "reject":
    case "cancel":
      return { label: dossiers.reason, hint: dossiers.reasonHint };
    case "reference":
      return { label: dossiers.note };
    default:
      return { label: dossiers.note, hint: dossiers.noteHint[action] };
  }
}

function fields({ dossier }: DossierRecord, action: DossierAction, form: FormState, visit: OfficerVisit): Html {
  const { texts } = visit;
  const { dossiers } = texts;
  const confirmation = {
    label: dossiers.confirmation,
    hint: html`${dossiers.typed} <code class="number short">${dossier.number}</code>`,
  };
  const confirmed = choices(form, "confirmed", { label: dossiers.professional }, texts, [["yes", dossiers.confirmStatus]], "checkbox");
  return html`${action === "approve" ? confirmed : null}
${hasNote(action) ? textArea(form, "note", noteTexts(action, visit), texts, MAX_NOTE_CHARACTERS) : null}
${isFinal(action) ? input(form, "confirmation", confirmation, texts, { isRequired: true, maxLength: 100 }) : null}`;
}

export function dossierDecisionPage(visit: OfficerVisit, record: DossierRecord, action: DossierAction, form: FormState): PageAnswer {
  const { texts } = visit;
  const { dossiers } = texts;
  const { dossier } = record;
  const { title, text, button } = dossiers.pages[action];
  const address = `/dossiers/${dossier.id}`;
  const isRefund = isFinal(action) && dossier.payment === "paid";
  const labels = { confirmed: dossiers.professional, note: noteTexts(action, visit).label, confirmation: dossiers.confirmation };
  return {
    status: formStatus(form),
    title,
    body: html`${problemList(form, texts, labels)}
<div class="${isFinal(action) ? "warning" : "card"}"><p>${text}</p>${isRefund ? html`<p>${dossiers.paidBefore}</p>` : null}</div>
<h2>${dossiers.which}</h2>${facts(
      [
        [dossiers.number, html`<a href="${address}"><code class="number short">${dossier.number}</code></a>`],
        [dossiers.name, `${dossier.givenName} ${dossier.surname}`],
        [dossiers.email, dossier.email],
        [dossiers.association, record.association],
        [dossiers.organisation, record.organisation ?? dossiers.onOneself],
        [dossiers.jobTitle, dossier.title],
        [dossiers.memberNumber, dossier.memberNumber],
        [dossiers.state, dossierPill(dossier.state, texts)],
        [dossiers.payment, paymentPill(dossier.payment, texts)],
      ],
      texts.frame.unknown,
    )}
<h2>${button}</h2><form method="post" action="${address}/${action}" novalidate>${csrfField(visit)}
${fields(record, action, form, visit)}
<p class="actions"><button>${button}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}

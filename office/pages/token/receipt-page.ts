// A destruction receipt is handed in: pasted, and confirmed by the end of the token's serial number.

import { z } from "zod";
import { html } from "../../../host-bridge/web/html.ts";
import type { ReceiptRefusal } from "../../decisions/key-destruction.ts";
import { type FieldProblem, type FormState, says } from "../edge/form.ts";
import type { OfficerVisit, PageAnswer } from "../edge/visit.ts";
import { input, problemList, textArea } from "../frame/fields.ts";
import { csrfField } from "../frame/frame.ts";
import { facts, formStatus, grouped } from "../frame/parts.ts";
import { endOf, typedEnd } from "../frame/typed-confirmation.ts";
import { holderOf, tokenAddress } from "./token-page.ts";
import type { TokenRecord } from "./token-record.ts";

/** A receipt has two kilobytes. */
const MAX_CHARACTERS = 20_000;

export const REFUSED_RECEIPTS: Readonly<Record<ReceiptRefusal, FieldProblem>> = {
  unreadable: "receipt-unreadable",
  unproved: "receipt-unproved",
  "other-token": "receipt-other-token",
  "unknown-key": "receipt-unknown-key",
};

export const receiptForm = (serial: string) =>
  z.object({
    receipt: z
      .string(says("required"))
      .max(MAX_CHARACTERS, says("too-long"))
      .refine((text) => text.trim() !== "", says("required")),
    confirmation: typedEnd(serial, "not-the-token"),
  });

export function receiptPage(visit: OfficerVisit, record: TokenRecord, form: FormState): PageAnswer {
  const { texts } = visit;
  const { tokenDecisions } = texts;
  const { receipt } = tokenDecisions;
  const { serial } = record.token;
  const address = tokenAddress(serial);
  const confirmation = { label: tokenDecisions.confirmation, hint: html`${tokenDecisions.typed} ${grouped(endOf(serial))}` };
  return {
    status: formStatus(form),
    title: receipt.title,
    body: html`${problemList(form, texts, { receipt: receipt.label, confirmation: tokenDecisions.confirmation })}
<div class="warning"><p><strong>${tokenDecisions.final}</strong></p><p>${receipt.text}</p></div>
<p>${receipt.command}</p><code class="command">sceau token retire 9c --token ${serial}</code>
<h2>${tokenDecisions.which}</h2>${facts(
      [
        [texts.token.serial, html`<a href="${address}">${grouped(serial)}</a>`],
        [texts.token.holder, holderOf(record, texts)],
      ],
      texts.frame.unknown,
    )}
<h2>${receipt.button}</h2><form method="post" action="${address}/receipt" novalidate>${csrfField(visit)}
${textArea(form, "receipt", { label: receipt.label, hint: receipt.hint }, texts, MAX_CHARACTERS)}
${input(form, "confirmation", confirmation, texts, { isRequired: true, maxLength: 100 })}
<p class="actions"><button>${receipt.button}</button><a class="button quiet" href="${address}">${texts.frame.cancel}</a></p></form>`,
  };
}

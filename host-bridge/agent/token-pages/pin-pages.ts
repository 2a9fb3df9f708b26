// The pages on which the holder chooses a new PIN: with the present one, or with the PUK.

import { html } from "../../web/html.ts";
import { formField, problem } from "../web/parts.ts";
import { type SecretField, secretFields } from "../web/pin-fields.ts";
import type { PageAnswer, Visit } from "../web/visit.ts";

/** By the present PIN, or by the PUK. */
export type ChangeKind = "pin" | "unblock";

/** The field that something is wrong with, and what. */
export interface FieldProblem {
  readonly field: "old" | "fresh" | "again";
  readonly text: string;
}

export interface ChangeQuestion {
  readonly kind: ChangeKind;
  readonly serial: string;
  /** Of the PIN or the PUK. */
  readonly triesLeft: number;
  readonly problem?: FieldProblem;
}

export function changePage({ kind, serial, triesLeft, problem: wrong }: ChangeQuestion, visit: Visit): PageAnswer {
  const { tokenPages } = visit.texts;
  const texts = tokenPages[kind];
  const field = (name: FieldProblem["field"], label: string, more: Pick<SecretField, "kind" | "isNew">): SecretField => ({
    name,
    label,
    ...more,
    ...(wrong?.field === name && { problem: wrong.text }),
  });
  const old = kind === "pin" ? field("old", tokenPages.pin.old, { kind: "pin" }) : field("old", tokenPages.unblock.puk, { kind: "puk" });
  const fields = [
    old,
    field("fresh", tokenPages.pin.fresh, { kind: "pin", isNew: true }),
    field("again", tokenPages.pin.again, { kind: "pin" }),
  ];
  return {
    status: wrong === undefined ? 200 : 422,
    title: texts.title,
    body: html`${wrong === undefined ? null : problem(wrong.text)}${kind === "unblock" ? html`<p class="lead">${tokenPages.unblock.lead}</p>` : null}
<form method="post" action="/tokens/${serial}/${kind}">${formField(visit)}
${secretFields(visit, { purpose: texts.purpose, serial, triesLeft, fields })}
<p class="actions"><button>${texts.button}</button><a class="button quiet" href="/tokens/${serial}">${visit.texts.frame.cancel}</a></p></form>`,
  };
}

/** No try is left: what is, is said on the token's page. */
export function noTriesPage(kind: ChangeKind, serial: string, visit: Visit): PageAnswer {
  const { tokenPages: texts } = visit.texts;
  return {
    status: 409,
    title: texts[kind].title,
    body: html`${problem(kind === "pin" ? texts.pinBlocked : texts.bothBlocked)}
<p class="actions">${kind === "pin" ? html`<a class="button" href="/tokens/${serial}/unblock">${texts.toUnblock}</a>` : null}<a class="button quiet" href="/tokens/${serial}">${texts.show}</a></p>`,
  };
}

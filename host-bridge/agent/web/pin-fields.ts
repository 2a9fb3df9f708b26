// Where a PIN is typed: always with what for, for which token, how many tries are left, and the holder's phrase beside it.

import { type Html, type HtmlValue, html } from "../../web/html.ts";
import { serialNumber } from "./parts.ts";
import type { Visit } from "./visit.ts";

/** Below it the holder is told how many tries are left in the tone of a warning. */
const FULL_TRIES = 3;

/**
 * Not to be kept by anybody: whoever has the computer would have token and PIN. «off», and not «new-password», for which browsers propose a password of
 * their own, that no token takes; and what the common password managers look at, since some offer to keep what «off» says they should not. What a browser
 * keeps all the same it never fills in: the pages have another address at each start (door.ts).
 */
const KEPT_BY_NOBODY = html`autocomplete="off" data-1p-ignore data-lpignore="true" data-bwignore="true" data-form-type="other"`;

/** A PIN is digits, 6 to 8 (firmware/reference-data.ts), and so is the keyboard of a phone; a PUK is 8 characters of any kind. */
export type SecretKind = "pin" | "puk";

export interface SecretField {
  readonly name: string;
  readonly label: string;
  readonly kind: SecretKind;
  /** A new one, whose rules are told. */
  readonly isNew?: boolean;
  /** What was wrong with it last time. */
  readonly problem?: string;
}

export interface SecretQuestion {
  /** What happens with it: «Signer contrat.pdf». */
  readonly purpose: HtmlValue;
  readonly serial: string;
  /** Of the PIN, or of the PUK when that is asked; null: no try can be spent (a new PIN for a blank token). */
  readonly triesLeft: number | null;
  readonly fields: readonly SecretField[];
}

function secretField({ texts }: Visit, { name, label, kind, isNew = false, problem }: SecretField): Html {
  const hints = isNew ? [texts.pin.rules] : [];
  const ids = [...(hints.length > 0 ? [`${name}-hint`] : []), ...(problem === undefined ? [] : [`${name}-problem`])];
  const described = ids.length === 0 ? null : html` aria-describedby="${ids.join(" ")}"`;
  return html`<div class="field"><label for="${name}">${label}</label>${hints.map((hint) => html`<p class="hint" id="${name}-hint">${hint}</p>`)}${
    problem === undefined ? null : html`<p class="problem" id="${name}-problem">${problem}</p>`
  }<input class="secret" id="${name}" name="${name}" type="password" ${KEPT_BY_NOBODY} autocapitalize="off" spellcheck="false" required maxlength="8"${
    kind === "pin" ? html` inputmode="numeric"` : null
  }${described}${problem === undefined ? null : html` aria-invalid="true"`}></div>`;
}

function triesLine({ texts }: Visit, left: number): Html {
  if (left === 1) return html`<p class="tries last">${texts.pin.lastTry}</p>`;
  return html`<p class="tries${left < FULL_TRIES ? " few" : ""}">${texts.pin.triesLeft(left)}</p>`;
}

/** Goes into a form of ours (`formField` beside it), before its button. */
export function secretFields(visit: Visit, { purpose, serial, triesLeft, fields }: SecretQuestion): Html {
  const { pin: texts } = visit.texts;
  return html`<fieldset class="secrets"><legend>${texts.legend}</legend>
<dl class="asked"><div><dt>${texts.purpose}</dt><dd>${purpose}</dd></div><div><dt>${texts.token}</dt><dd>${serialNumber(serial)}</dd></div>
<div class="phrase"><dt>${texts.phrase}</dt><dd><q>${visit.phrase ?? ""}</q></dd></div></dl>
<p class="hint">${texts.phraseHint}</p>
${triesLeft === null ? null : triesLine(visit, triesLeft)}
${fields.map((field) => secretField(visit, field))}</fieldset>`;
}

/**
 * The bytes of a PIN or PUK that was typed. Whoever uses them overwrites them; the text itself goes away with the request.
 * @param body the form's
 */
export function takeSecret(body: unknown, name: string): Uint8Array {
  const fields = (body ?? {}) as Record<string, unknown>;
  const text = fields[name];
  delete fields[name];
  return new TextEncoder().encode(typeof text === "string" ? text : "");
}

const PIN_FORM = /^[0-9]{6,8}$/;

/** 6 to 8 digits; whether it is too easy to guess the token says itself (6A80). */
export const isPinForm = (pin: Uint8Array): boolean => PIN_FORM.test(new TextDecoder().decode(pin));

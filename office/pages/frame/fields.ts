// The fields of forms: label, hint, what is wrong with it, and what was typed.

import { type Html, type HtmlValue, html } from "../../../host-bridge/web/html.ts";
import type { FieldProblem, FormState } from "../edge/form.ts";
import type { Texts } from "../texts/french.ts";

export interface FieldTexts {
  readonly label: string;
  readonly hint?: HtmlValue;
}

export interface InputOptions {
  readonly type?: "text" | "email" | "search";
  readonly autocomplete?: string;
  /** The keys that a phone shows. */
  readonly inputMode?: "numeric" | "tel";
  readonly isRequired?: boolean;
  readonly maxLength?: number;
}

interface Described {
  readonly hint: Html | null;
  readonly problem: Html | null;
  /** For the control. */
  readonly attributes: Html;
}

function described(name: string, hint: HtmlValue, problem: FieldProblem | undefined, texts: Texts): Described {
  const ids = [...(hint === null ? [] : [`${name}-hint`]), ...(problem === undefined ? [] : [`${name}-problem`])];
  return {
    hint: hint === null ? null : html`<p class="hint" id="${name}-hint">${hint}</p>`,
    problem: problem === undefined ? null : html`<p class="problem" id="${name}-problem">${texts.problems[problem]}</p>`,
    attributes: html`${ids.length === 0 ? null : html` aria-describedby="${ids.join(" ")}"`}${problem === undefined ? null : html` aria-invalid="true"`}`,
  };
}

const required = (isRequired: boolean): Html | null => (isRequired ? html` required` : null);

export function input(form: FormState, name: string, { label, hint = null }: FieldTexts, texts: Texts, options: InputOptions = {}): Html {
  const { type = "text", autocomplete = "off", inputMode, isRequired = false, maxLength } = options;
  const about = described(name, hint, form.problems[name], texts);
  return html`<div class="field"><label for="${name}">${label}</label>${about.hint}${about.problem}
<input id="${name}" name="${name}" type="${type}" value="${form.text(name)}" autocomplete="${autocomplete}" spellcheck="false"${about.attributes}${required(isRequired)}${
    maxLength === undefined ? null : html` maxlength="${maxLength}"`
  }${inputMode === undefined ? null : html` inputmode="${inputMode}"`}></div>`;
}

/** Several lines, pasted as they are. */
export function textArea(
  form: FormState,
  name: string,
  { label, hint = null }: FieldTexts,
  texts: Texts,
  maxLength: number,
  isRequired = true,
): Html {
  const about = described(name, hint, form.problems[name], texts);
  return html`<div class="field"><label for="${name}">${label}</label>${about.hint}${about.problem}
<textarea id="${name}" name="${name}" rows="8" autocomplete="off" spellcheck="false"${about.attributes}${required(isRequired)} maxlength="${maxLength}">${form.text(name)}</textarea></div>`;
}

export type Options = readonly (readonly [value: string, text: string])[];

export function select(form: FormState, name: string, { label, hint = null }: FieldTexts, texts: Texts, options: Options): Html {
  const about = described(name, hint, form.problems[name], texts);
  return html`<div class="field"><label for="${name}">${label}</label>${about.hint}${about.problem}
<select id="${name}" name="${name}"${about.attributes}>${options.map(
    ([value, text]) => html`<option value="${value}"${form.has(name, value) ? html` selected` : null}>${text}</option>`,
  )}</select></div>`;
}

/** One of several (radio), or some of them (checkbox). */
export function choices(
  form: FormState,
  name: string,
  { label, hint = null }: FieldTexts,
  texts: Texts,
  options: Options,
  type: "radio" | "checkbox",
): Html {
  const about = described(name, hint, form.problems[name], texts);
  const isRequired = type === "radio";
  // The first one has the name as its id: that is where the list of problems leads.
  return html`<fieldset class="field"${about.attributes}><legend>${label}</legend>${about.hint}${about.problem}${options.map(
    ([value, text], index) =>
      html`<label class="choice"><input id="${index === 0 ? name : `${name}-${index}`}" type="${type}" name="${name}" value="${value}"${
        form.has(name, value) ? html` checked` : null
      }${required(isRequired)}> <span>${text}</span></label>`,
  )}</fieldset>`;
}

/** What is wrong with a form, at its head: each leads to its field. @param labels of the fields, in their order */
export function problemList({ problems }: FormState, texts: Texts, labels: Readonly<Record<string, string>>): Html | null {
  const names = Object.keys(labels).flatMap((name) => {
    const problem = problems[name];
    return problem === undefined ? [] : [[name, problem] as const];
  });
  if (names.length === 0) return null;
  return html`<div class="problems" role="alert" tabindex="-1" autofocus><p>${texts.frame.problems(names.length)}</p><ul>${names.map(
    ([name, problem]) => html`<li><a href="#${name}">${texts.frame.problem(labels[name] ?? name, texts.problems[problem])}</a></li>`,
  )}</ul></div>`;
}

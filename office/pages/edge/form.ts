// What was typed into a form: read by zod; when something is wrong, said field by field, with everything that was typed kept.

import type { ZodType } from "zod";
import { isPlainText } from "../../store/plain-text.ts";
import type { Texts } from "../texts/french.ts";

/** Every message of a form's schema is one of these. */
export type FieldProblem = keyof Texts["problems"];

export type FieldProblems = Readonly<Record<string, FieldProblem>>;

/** A form as it is shown, for the first time or again. */
export class FormState {
  readonly problems: FieldProblems;
  readonly #typed: Readonly<Record<string, unknown>>;
  constructor(typed: unknown = {}, problems: FieldProblems = {}) {
    this.#typed = typeof typed === "object" && typed !== null ? (typed as Record<string, unknown>) : {};
    this.problems = problems;
  }
  text(name: string): string {
    const value = this.#typed[name];
    return typeof value === "string" ? value : "";
  }
  has(name: string, option: string): boolean {
    const value = this.#typed[name];
    return Array.isArray(value) ? value.includes(option) : value === option;
  }
  /** The same, with something wrong that only the rules behind the edge could see. */
  with(problems: FieldProblems): FormState {
    return new FormState(this.#typed, problems);
  }
}

export type FormOutcome<T> = { readonly data: T; readonly form: FormState } | { readonly data: null; readonly form: FormState };

/** In every form, whatever its schema takes. */
function unreadable(body: unknown): [name: string, problem: FieldProblem][] {
  return Object.entries(body ?? {}).flatMap(([name, value]) =>
    typeof value === "string" && !isPlainText(value) ? [[name, "unreadable"] as const satisfies [string, FieldProblem]] : [],
  );
}

export function readForm<T>(schema: ZodType<T>, body: unknown): FormOutcome<T> {
  const result = schema.safeParse(body ?? {});
  // The first problem of each field, in the order of the schema.
  const problems = new Map(unreadable(body));
  if (result.success && problems.size === 0) return { data: result.data, form: new FormState(body) };
  for (const { path, message } of result.error?.issues ?? []) {
    const name = String(path[0] ?? "");
    if (!problems.has(name)) problems.set(name, message as FieldProblem);
  }
  return { data: null, form: new FormState(body, Object.fromEntries(problems)) };
}

const problem = (name: FieldProblem): { error: FieldProblem } => ({ error: name });
/** A message for a schema, by its name in the texts. */
export const says = problem;

// What was given to `sceau activate` can't be used.

/** `unreadable`: a line of the answers' file, by its number; `missing`: answers, by their questions' ids; `pins-differ`: the new PIN was typed in two ways. */
export type ActivationInputProblem = "unreadable" | "missing" | "pins-differ";

export class ActivationInputError extends Error {
  override readonly name = "ActivationInputError";
  readonly problem: ActivationInputProblem;
  readonly detail: string;
  constructor(problem: ActivationInputProblem, detail: string) {
    super(`activation: ${problem} ${detail}`.trim());
    this.problem = problem;
    this.detail = detail;
  }
}

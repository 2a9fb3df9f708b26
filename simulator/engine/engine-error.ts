// Why a token on an interpreter cannot be: what is missing, for the command line to put into words.

/**
 * `not-found`: no program there. `not-espruino`: it does not speak as Espruino does. `not-32-bit`, `no-flat-memory`, `too-few-variables`, `no-machine-code`: built
 * for something else, see README.md. `not-built`: no script of a board. `ended`: it ended before it was ready, or while it was used.
 * `needs-engine`, `not-on-engine`: the token was made with an interpreter, or without. `not-with-engine`: an option that only the other kind has. `no-usb`: a board's USB is a serial port.
 */
export type EngineProblem =
  | "not-found"
  | "not-espruino"
  | "not-32-bit"
  | "no-flat-memory"
  | "too-few-variables"
  | "no-machine-code"
  | "not-built"
  | "ended"
  | "needs-engine"
  | "not-on-engine"
  | "not-with-engine"
  | "no-usb";

export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly problem: EngineProblem;
  /** A path, or what the interpreter printed last. */
  readonly detail: string;

  constructor(problem: EngineProblem, detail: string) {
    super(`${problem}: ${detail}`);
    this.problem = problem;
    this.detail = detail;
  }
}

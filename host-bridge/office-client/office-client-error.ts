// What goes wrong between this computer and an office.

/**
 * `url`: no address of an office; `insecure`: http, and not on this computer; `other-office`: it says that it is another one; `unreachable`: no answer;
 * `certificate`: its TLS certificate is not by an authority that this computer knows, of another name, or expired;
 * `unreadable`: an answer that is none of an office; `proxy`: the environment's variable names none that could be asked.
 */
export type OfficeClientProblem = "url" | "insecure" | "other-office" | "unreachable" | "certificate" | "unreadable" | "proxy";

export class OfficeClientError extends Error {
  override readonly name = "OfficeClientError";
  readonly problem: OfficeClientProblem;
  /** An address; of `proxy` the variable. */
  readonly about: string;
  constructor(problem: OfficeClientProblem, about: string, options?: ErrorOptions) {
    super(`office: ${problem}`, options);
    this.problem = problem;
    this.about = about;
  }
}

/** The office said no: a problem document (RFC 9457). */
export class OfficeRefusedError extends Error {
  override readonly name = "OfficeRefusedError";
  /** urn:sceau:… */
  readonly type: string;
  /** English, for logs. */
  readonly title: string;
  /** Of answers to questions, when it tells. */
  readonly triesLeft: number | null;
  constructor(type: string, title: string, triesLeft: number | null) {
    super(`the office refused: ${type}`);
    this.type = type;
    this.title = title;
    this.triesLeft = triesLeft;
  }
}

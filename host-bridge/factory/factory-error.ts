// Why the factory did not do what it was asked for.

/**
 * `root-name`: no name for a root; `root-exists`: there is one of this name; `no-root`: there is none; `which-root`: there are several; `bad-root`: its files are damaged;
 * `model`: the token tells a model that no certificate can say; `expired-root`; `simulator-root`: it vouches for simulated tokens only.
 */
export type FactoryProblem =
  | "root-name"
  | "root-exists"
  | "no-root"
  | "which-root"
  | "bad-root"
  | "model"
  | "expired-root"
  | "simulator-root";

export class FactoryError extends Error {
  override readonly name = "FactoryError";
  readonly problem: FactoryProblem;
  readonly detail: string;
  constructor(problem: FactoryProblem, detail: string, options?: ErrorOptions) {
    super(`${problem}: ${detail}`, options);
    this.problem = problem;
    this.detail = detail;
  }
}

/** The token takes no attestation key any more. */
export class NotProvisionableError extends Error {
  override readonly name = "NotProvisionableError";
  readonly serial: string;
  /** It has one already, for good; else it is in use without one. */
  readonly isSealed: boolean;
  constructor(serial: string, isSealed: boolean, options?: ErrorOptions) {
    super(`token ${serial} ${isSealed ? "is sealed" : "is no longer blank"}`, options);
    this.serial = serial;
    this.isSealed = isSealed;
  }
}

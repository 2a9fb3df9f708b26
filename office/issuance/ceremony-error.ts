// Why a ceremony did not take place. Nothing was changed.

/**
 * `root-key-file`: the root's key cannot be written there, or a file is there already; `not-the-root`: the key that was brought is another;
 * `expired-root`: the root's own certificate is over; `no-such-issuer`: there is no issuing CA of this name to revoke; `current-issuer`: the one
 * to revoke still issues: roll over first; `in-progress`: another ceremony took place meanwhile; `too-many`: no names are left.
 */
export type CeremonyProblem =
  | "root-key-file"
  | "not-the-root"
  | "expired-root"
  | "no-such-issuer"
  | "current-issuer"
  | "in-progress"
  | "too-many";

export class CeremonyError extends Error {
  override readonly name = "CeremonyError";
  readonly problem: CeremonyProblem;
  /** The file or name that it is about. */
  readonly detail: string;
  constructor(problem: CeremonyProblem, detail: string, options?: ErrorOptions) {
    super(`no ceremony: ${problem}: ${detail}`, options);
    this.problem = problem;
    this.detail = detail;
  }
}

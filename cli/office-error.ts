// What stands between an officer's command and the office, on this computer.

/**
 * `unreadable`: what the running office sent is not whole; `code`: that is none; `slot-in-use`: 9A has a certificate; `no-token`: none of those that these commands
 * reach; `running`: a server has the office; `adopted`: an office issues by this authority, though it does not run now; `not-here`: there is none in the folder.
 */
export type OfficeProblem = "unreadable" | "code" | "slot-in-use" | "no-token" | "running" | "adopted" | "not-here";

export class OfficeCommandError extends Error {
  override readonly name = "OfficeCommandError";
  readonly problem: OfficeProblem;
  readonly detail: string;
  constructor(problem: OfficeProblem, detail: string, options?: ErrorOptions) {
    super(`${problem}: ${detail}`, options);
    this.problem = problem;
    this.detail = detail;
  }
}

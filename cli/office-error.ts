// What stands between an officer's command and the office.

/**
 * `url`: no address; `insecure`: http to another machine, where everybody on the way could read the code; `unreachable`: nothing answers there;
 * `other-office`: it says that it is another one; `unreadable`: its answer is none; `code`: that is none; `slot-in-use`: 9A has a certificate;
 * `no-token`: none of those that these commands reach; `running`: a server has the office; `adopted`: an office issues by this authority, though it does not run now; `not-here`: there is none in the folder.
 */
export type OfficeProblem =
  | "url"
  | "insecure"
  | "unreachable"
  | "other-office"
  | "unreadable"
  | "code"
  | "slot-in-use"
  | "no-token"
  | "running"
  | "adopted"
  | "not-here";

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

/** The office answered with a problem document (RFC 9457). */
export class OfficeRefusedError extends Error {
  override readonly name = "OfficeRefusedError";
  /** urn:sceau:office:…, urn:sceau:issuance:… */
  readonly type: string;
  readonly title: string;
  constructor(type: string, title: string) {
    super(`${type}: ${title}`);
    this.type = type;
    this.title = title;
  }
}

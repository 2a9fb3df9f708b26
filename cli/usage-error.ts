// The command line was given something that it cannot use.

export type UsageProblem =
  | "token-name"
  | "state-path-too-long"
  | "no-token-plugged-in"
  | "no-reader-named"
  | "which-token"
  | "output-exists"
  | "no-such-file"
  | "not-readable"
  | "not-writable"
  | "no-pin-source"
  | "bad-slot"
  | "bad-number"
  | "bad-board"
  | "bad-serial"
  | "bad-word"
  | "bad-place"
  | "bad-certificate"
  | "no-management-key"
  | "bad-secrets"
  | "no-key"
  | "other-key"
  | "already-initialised"
  | "not-sealed"
  | "never-a-key"
  | "not-blocked"
  | "not-confirmed"
  | "no-terminal"
  | "bad-digest-list"
  | "digest-list-length"
  | "same-name"
  | "folder-not-empty"
  | "two-standard-inputs"
  | "bad-vpcd-address"
  | "bad-usb-address"
  | "usb-port-taken"
  | "not-on-usb"
  | "no-pin-program"
  | "not-our-file";

export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly problem: UsageProblem;
  readonly detail: string;
  constructor(problem: UsageProblem, detail: string, options?: ErrorOptions) {
    super(`${problem}: ${detail}`, options);
    this.problem = problem;
    this.detail = detail;
  }
}

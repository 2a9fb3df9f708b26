// Why a signature could not be made with a PKCS#11 token. The command line words it in the user's language.

/**
 * `no-module`, `no-bridge`, `no-token`, `no-certificate`: nothing to sign with; `which-certificate`: more than one, none chosen;
 * `expired`, `not-yet-valid`: the certificate; `wrong-pin`, `pin-blocked`, `pin-length`; `other-key`: the token's key is not the certificate's; `button`: not pressed in time; `removed`;
 * `token`: anything else that the module answered (`detail` names it).
 */
export type SigningFailure =
  | "no-module"
  | "no-bridge"
  | "no-token"
  | "no-certificate"
  | "which-certificate"
  | "expired"
  | "not-yet-valid"
  | "wrong-pin"
  | "pin-blocked"
  | "pin-length"
  | "other-key"
  | "button"
  | "removed"
  | "token";

export class SigningError extends Error {
  override readonly name = "SigningError";
  readonly failure: SigningFailure;
  readonly detail: string;
  constructor(failure: SigningFailure, detail = "", options?: ErrorOptions) {
    super(detail === "" ? failure : `${failure}: ${detail}`, options);
    this.failure = failure;
    this.detail = detail;
  }
}

// Why a request that an office's page handed over is not taken, or can't be done.

/**
 * `link`: the address that led here is none of a request's; `untrusted`: the holder does not trust that office; `taken`: another page has it, or had it;
 * `unknown`, `expired`: says the office; `over`: it was here, and is done, declined or too old; `kind`: something that this version does not know;
 * `return`: the way back leads to another site; `no-key`: the token has no key to sign in with; `changed`: the token is not any more as the page
 * showed it; `other-office`: another office has the token's secrets; `not-sealed`, `formatted-elsewhere`, `other-token`: the token that is plugged in can't be activated by this request.
 */
export type RequestRefusal =
  | "link"
  | "untrusted"
  | "taken"
  | "unknown"
  | "expired"
  | "over"
  | "kind"
  | "return"
  | "no-key"
  | "changed"
  | "other-office"
  | "not-sealed"
  | "formatted-elsewhere"
  | "other-token";

export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly refusal: RequestRefusal;
  /** The office that it is about, when there is one to go back to; of officeAddress. */
  readonly office: string | null;
  constructor(refusal: RequestRefusal, office: string | null = null, options?: ErrorOptions) {
    super(`request refused: ${refusal}`, options);
    this.refusal = refusal;
    this.office = office;
  }
}

// What is against working with a token now.

/**
 * `not-plugged-in`: it is not, or not any more; `twice`: two tokens tell this serial number; `busy`: another page of the agent's works with it;
 * `unknown-work`: a page of work that is long over, or never was; `cancelled`: the holder gave it up.
 */
export type DeskRefusal = "not-plugged-in" | "twice" | "busy" | "unknown-work" | "cancelled";

export class DeskError extends Error {
  override readonly name = "DeskError";
  readonly refusal: DeskRefusal;
  constructor(refusal: DeskRefusal, options?: ErrorOptions) {
    super(`the agent's desk: ${refusal}`, options);
    this.refusal = refusal;
  }
}

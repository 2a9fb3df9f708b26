// Why an activation does not go on. Nothing was changed, except that a try was counted.

/**
 * The reference number: `reference`: there is none such; `expired`: its time is over, or another one took its place; `used`: its certificate was made
 * active; `locked`: too many wrong answers, until an officer unlocks it. `answers`: not all of them are right.
 * `session`: there is none such, or it is over. `not-ready`: the dossier is not (any more) at its activation. `issued`: it has a certificate, for
 * another key. `secrets-known`: the token has others on record, and a certificate that is valid. `secrets-missing`: PUK and
 * management key of the token are not with the office. `own-dossier`: the officer at the desk is the
 * applicant.
 */
export const ACTIVATION_REFUSALS = [
  "reference",
  "expired",
  "used",
  "locked",
  "answers",
  "session",
  "not-ready",
  "issued",
  "secrets-known",
  "secrets-missing",
  "own-dossier",
] as const;
export type ActivationRefusal = (typeof ACTIVATION_REFUSALS)[number];

export class ActivationError extends Error {
  override readonly name = "ActivationError";
  readonly refusal: ActivationRefusal;
  /** Of answers; null: it is about something else. */
  readonly triesLeft: number | null;
  constructor(refusal: ActivationRefusal, triesLeft: number | null = null) {
    super(`activation: ${refusal}`);
    this.refusal = refusal;
    this.triesLeft = triesLeft;
  }
}

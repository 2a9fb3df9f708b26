// Why an officer's decision about a dossier was refused. Nothing was changed.

/**
 * `same-officer`: whoever checked the identity may not decide, nor somebody who may be the same person; `own-dossier`: the applicant may be the officer
 * who decides, or who checked; `payment-due`: neither paid nor waived; `note-missing`: what was seen, or why, is not told; `no-organisation`: nobody
 * whose person the applicant would be; `association-not-open`: it authorises nobody (any more); `not-certifiable`: names, title or membership that no
 * certificate can say; `payment-decided`: the dossier is approved or over; `locked`: too many wrong answers, an officer has to see to it.
 */
export type DecisionRefusal =
  | "same-officer"
  | "own-dossier"
  | "payment-due"
  | "note-missing"
  | "no-organisation"
  | "association-not-open"
  | "not-certifiable"
  | "payment-decided"
  | "locked";

export class DecisionError extends Error {
  override readonly name = "DecisionError";
  readonly refusal: DecisionRefusal;
  constructor(refusal: DecisionRefusal, options?: ErrorOptions) {
    super(`decision refused: ${refusal}`, options);
    this.refusal = refusal;
  }
}

// What appointments, checks and evidence can be refused for.

/**
 * `unknown`: there is none, or it is somebody else's; `slot-taken`: somebody was quicker, or the verifier can't after all; `slot-past`; `slot-overlap`: the
 * verifier offers these hours already; `slot-hours`: no appointment fits; `slot-booked`: somebody is coming; `too-late`: the appointment has begun;
 * `other-verifier`: somebody else has the check in hand, or whoever doubted would decide; `own-application`: the verifier is the applicant; `checklist`:
 * accepted with something not seen; `note`: it has to be said why; `evidence-missing`: neither evidence, nor a note what was seen instead;
 * `evidence-count`: there is as much as is kept; `evidence-closed`: nothing is checked any more, or not yet; `evidence-gone`: destroyed.
 */
export type IdentityRefusal =
  | "unknown"
  | "slot-taken"
  | "slot-past"
  | "slot-overlap"
  | "slot-hours"
  | "slot-booked"
  | "too-late"
  | "other-verifier"
  | "own-application"
  | "checklist"
  | "note"
  | "evidence-missing"
  | "evidence-count"
  | "evidence-closed"
  | "evidence-gone";

export class IdentityError extends Error {
  override readonly name = "IdentityError";
  readonly refusal: IdentityRefusal;
  constructor(refusal: IdentityRefusal) {
    super(`identity: ${refusal}`);
    this.refusal = refusal;
  }
}

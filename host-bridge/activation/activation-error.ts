// Why a token can't be activated as it is.

/**
 * `not-sealed`: it has no attestation key. `formatted-elsewhere`: its management key is not known on this computer. `other-token`: the activation is
 * bound to another one. `other-office`: another office has its secrets, and the holder has not said that this one may have them, too. `slot-in-use`: 9C has a key that is certified, or of another policy. `other-key`: what was issued is for a key that the
 * token does not have (any more).
 */
export type ActivationProblem = "not-sealed" | "formatted-elsewhere" | "other-token" | "other-office" | "slot-in-use" | "other-key";

export class ActivationError extends Error {
  override readonly name = "ActivationError";
  readonly problem: ActivationProblem;
  /** Serial number of the token that it is about: for other-token, of the one that it is bound to. */
  readonly serial: string;
  constructor(problem: ActivationProblem, serial: string) {
    super(`activation: ${problem} (${serial})`);
    this.problem = problem;
    this.serial = serial;
  }
}

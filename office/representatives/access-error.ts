// Why a legal representative does not get on, or an officer does not help them.

/**
 * `wrong`: identifier, key or hand-over code; the same for an identifier that does not exist, and for one that is locked. `session`: none is open any
 * more. `locked`: too many wrong tries, an officer unlocks. `code-missing`: none was asked for. `code-expired`, `code-wrong`: of the code from the
 * mailbox. `unknown`: no such certificate of this organisation, no representative. `same-officer`: whoever named the representative, or is them, does
 * not hand over. `not-locked`: nothing to unlock.
 */
export type AccessRefusal =
  | "wrong"
  | "session"
  | "locked"
  | "code-missing"
  | "code-expired"
  | "code-wrong"
  | "unknown"
  | "same-officer"
  | "not-locked";

export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly refusal: AccessRefusal;
  /** After a wrong code from the mailbox. */
  readonly triesLeft: number | null;
  constructor(refusal: AccessRefusal, triesLeft: number | null = null) {
    super(`representative: ${refusal}`);
    this.refusal = refusal;
    this.triesLeft = triesLeft;
  }
}

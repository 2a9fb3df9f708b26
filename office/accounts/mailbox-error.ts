// Why somebody does not get into a mailbox's account.

/**
 * `code-unknown`: this browser asked for none; `code-wrong`: another one was sent; `locked`: too many wrong ones, an officer unlocks; `not-locked`:
 * there is nothing to unlock.
 */
export type MailboxRefusal = "code-unknown" | "code-used" | "code-expired" | "code-wrong" | "locked" | "not-locked";

export class MailboxError extends Error {
  override readonly name = "MailboxError";
  readonly refusal: MailboxRefusal;
  /** Of `code-wrong`. */
  readonly triesLeft: number;
  constructor(refusal: MailboxRefusal, triesLeft = 0) {
    super(`mailbox: ${refusal}`);
    this.refusal = refusal;
    this.triesLeft = triesLeft;
  }
}

// Why a document cannot be signed or verified. The command line words it in the user's language.

/**
 * `not-a-pdf`; `truncated`: its end is missing; `damaged`: its cross-references cannot be followed; `encrypted`; `certified`: its
 * certification forbids any change; `unsafe`: the signed file would differ from the original by more than a signature (never written).
 */
export type RefusalReason = "not-a-pdf" | "truncated" | "damaged" | "encrypted" | "certified" | "no-such-page" | "unsafe";

export class DocumentRefused extends Error {
  override readonly name = "DocumentRefused";
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(`document refused: ${reason}`, options);
    this.reason = reason;
  }
}

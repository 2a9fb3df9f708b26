// Why a document cannot be signed or verified. The command line words it in the user's language.

/**
 * `not-a-pdf`; `truncated`: its end is missing; `damaged`: its cross-references cannot be followed; `encrypted`; `certified`: its
 * certification forbids any change; `xfa`, `external`: readers show it in different ways (pdf-features.ts); `unsafe`: the signed file would differ from the
 * original by more than a signature (never written); `too-costly`: reading it takes more time or memory than any document needs.
 */
export type RefusalReason =
  | "not-a-pdf"
  | "truncated"
  | "damaged"
  | "encrypted"
  | "certified"
  | "xfa"
  | "external"
  | "no-such-page"
  | "unsafe"
  | "too-costly";

export class DocumentRefused extends Error {
  override readonly name = "DocumentRefused";
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, options?: ErrorOptions) {
    super(`document refused: ${reason}`, options);
    this.reason = reason;
  }
}

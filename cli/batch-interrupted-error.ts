// Why `sceau token batch` may end with some of the signatures.

export class BatchInterruptedError extends Error {
  override readonly name = "BatchInterruptedError";
  /** The signatures that are written, in the order of the list. */
  readonly signed: readonly string[];
  readonly total: number;
  constructor(signed: readonly string[], total: number, options: ErrorOptions) {
    super(`${signed.length} of ${total} signatures are written`, options);
    this.signed = signed;
    this.total = total;
  }
}

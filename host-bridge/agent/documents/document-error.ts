// Why the agent does not take documents, has them no more, or can't do with them what was asked. A page words it.

/**
 * `no-file`: none was chosen; `busy`: others are being read; `too-many`: more than MAX_FILES; `too-much`: no room among what is kept already; `unknown`: forgotten, or never
 * there; `being-signed`: the token is at it; `changed`: not what the page showed; `nothing-to-sign`: none of the documents can be signed, or all are; `form`: a form that no page of
 * ours sends.
 */
export type DocumentFailure =
  | "no-file"
  | "busy"
  | "too-many"
  | "too-much"
  | "unknown"
  | "being-signed"
  | "changed"
  | "nothing-to-sign"
  | "form";

export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly failure: DocumentFailure;
  constructor(failure: DocumentFailure, options?: ErrorOptions) {
    super(`documents: ${failure}`, options);
    this.failure = failure;
  }
}

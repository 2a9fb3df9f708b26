// Why a file is not taken as evidence.

/**
 * `type`: no JPEG, PNG or PDF; `damaged`: not whole, or not as the format says; `too-large`: more bytes, pages or objects than are taken, or more when it is
 * unpacked; `dimensions`: too small to be read, or too big to be shown; `active`: it does something when it is opened (scripts, files within, several
 * pictures in turn); `encrypted`: with a password; `trailing`: something else is hidden in it or behind it.
 */
export type ContentRefusal = "type" | "damaged" | "too-large" | "dimensions" | "active" | "encrypted" | "trailing";

export class ContentError extends Error {
  override readonly name = "ContentError";
  readonly refusal: ContentRefusal;
  constructor(refusal: ContentRefusal, options?: ErrorOptions) {
    super(`evidence: ${refusal}`, options);
    this.refusal = refusal;
  }
}

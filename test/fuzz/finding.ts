// What a fuzzer finds.

/** Something that must not be. */
export class Finding extends Error {
  override readonly name = "Finding";
}

export interface FoundInSession {
  readonly start: string;
  readonly why: string;
  /** The fewest of the session's steps that still find it. */
  readonly steps: readonly string[];
}

/** A finding in words; whatever else was thrown with the place that threw it. */
export function reasonOf(error: unknown): string {
  if (error instanceof Finding) return error.message;
  const known = error as { message?: string; stack?: string; constructor?: { name: string } };
  return `thrown: ${known.constructor?.name} ${known.message ?? ""} ${known.stack?.split("\n")[1]?.trim() ?? ""}`;
}

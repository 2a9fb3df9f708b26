// How much the agent keeps of people's documents, in memory alone, and for how long.

export const MEGABYTE = 1_000_000;
export const MAX_FILE_BYTES = 50 * MEGABYTE;
export const MAX_FILES = 20;
/** Of all the documents that are kept at a time, signed ones too. */
export const MAX_KEPT_BYTES = 400 * MEGABYTE;
/** After it was last asked for. */
export const KEEP_MINUTES = 30;
export const MAX_REASON_CHARACTERS = 120;

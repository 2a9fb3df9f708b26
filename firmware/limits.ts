// What the token bears.

/** The longest data of one command, chained or extended: 64 digests of 48 bytes to consent to, or a data object of 3,072 bytes with its tags. */
export const MAX_COMMAND_DATA_BYTES = 3264;
/** Channels at a time; the one unused for longest makes room for a new one. */
export const MAX_CHANNELS = 128;

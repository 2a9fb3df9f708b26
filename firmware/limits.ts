// What the token bears.

/** The longest data of one command, chained or extended: a data object of 3,072 bytes with its tags. */
export const MAX_COMMAND_DATA_BYTES = 3200;
/** Channels at a time; the one unused for longest makes room for a new one. */
export const MAX_CHANNELS = 128;

// What the token bears.

/** The longest data of one command, chained or extended: 64 digests of 48 bytes to consent to, or a data object of 3,072 bytes with its tags. */
export const MAX_COMMAND_DATA_BYTES = 3264;
/** Data objects in a template, or beside each other in a command: more than any command knows. */
export const MAX_FIELDS = 8;
/** What all channels together keep of commands and answers that are under way; and of messages, as much again. */
export const MAX_KEPT_BYTES = 16384;
/** Channels at a time; the one unused for longest makes room for a new one. */
export const MAX_CHANNELS = 128;

export declare const CLA_VENDOR = 128;
export declare const INS_VENDOR = 92;
export declare const VENDOR_FORMAT_VERSION = 1;
/** Device information; no data, allowed in every state. */
export declare const VENDOR_DEVICE_INFO = 1;
/** VENDOR_FORMAT_VERSION. */
export declare const INFO_FORMAT = 1;
/** Text: the model. */
export declare const INFO_MODEL = 2;
/** Unsigned 32 bits. */
export declare const INFO_SERIAL = 3;
/** Array of three unsigned: firmware version. */
export declare const INFO_FIRMWARE = 4;
/** Boolean: PIN, PUK and management key are all changed. */
export declare const INFO_INITIALISED = 5;
/** Unsigned: goes up with every change of a key or a data object, so that a reader knows when to read again. */
export declare const INFO_REVISION = 6;
/** Unsigned: the longest data that a command may carry, chained or extended. */
export declare const INFO_MAX_DATA = 7;
/** Boolean: a simulator, not a board. */
export declare const INFO_SIMULATED = 8;

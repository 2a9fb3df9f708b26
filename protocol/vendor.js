// The vendor command: CLA 80, INS 5C, P1 = which of VENDOR_*, P2 = 0; data and answer are CBOR maps (cbor.ts). This file is the
// registry of their keys. A key keeps its number for ever; a change of meaning is a new key, a change of form a new version.
export const CLA_VENDOR = 0x80;
export const INS_VENDOR = 0x5c;
export const VENDOR_FORMAT_VERSION = 1;
/** Device information; no data, allowed in every state. */
export const VENDOR_DEVICE_INFO = 0x01;
/** VENDOR_FORMAT_VERSION. */
export const INFO_FORMAT = 1;
/** Text: the model. */
export const INFO_MODEL = 2;
/** Unsigned 32 bits. */
export const INFO_SERIAL = 3;
/** Array of three unsigned: firmware version. */
export const INFO_FIRMWARE = 4;
/** Boolean: PIN, PUK and management key are all changed. */
export const INFO_INITIALISED = 5;
/** Unsigned: goes up with every change of a key or a data object, so that a reader knows when to read again. */
export const INFO_REVISION = 6;
/** Unsigned: the longest data that a command may carry, chained or extended. */
export const INFO_MAX_DATA = 7;
/** Boolean: a simulator, not a board. */
export const INFO_SIMULATED = 8;
//# sourceMappingURL=vendor.js.map
// Status words: ISO 7816-4 §5.6, with the meanings that SP 800-73-5 Part 2 gives them.

export const SW_OK = 0x9000;
/** 61xx: xx more bytes wait for GET RESPONSE (00: 256 or more). */
export const SW_MORE_DATA = 0x6100;
/** 63Cx: wrong PIN or PUK, x tries left. */
export const SW_TRIES_LEFT = 0x63c0;
export const SW_WRONG_LENGTH = 0x6700;
export const SW_CHANNEL_NOT_SUPPORTED = 0x6881;
/** The PIN or the management key has not been verified for this command. */
export const SW_SECURITY_STATUS_NOT_SATISFIED = 0x6982;
/** No tries left. */
export const SW_AUTH_METHOD_BLOCKED = 0x6983;
/** The state of the token does not allow the command (a blank token, a button not pressed in time, GET RESPONSE with nothing to give). */
export const SW_CONDITIONS_NOT_SATISFIED = 0x6985;
export const SW_WRONG_DATA = 0x6a80;
export const SW_FUNCTION_NOT_SUPPORTED = 0x6a81;
export const SW_NOT_FOUND = 0x6a82;
export const SW_NOT_ENOUGH_MEMORY = 0x6a84;
export const SW_INCORRECT_P1_P2 = 0x6a86;
export const SW_REFERENCE_NOT_FOUND = 0x6a88;
export const SW_INS_NOT_SUPPORTED = 0x6d00;
export const SW_CLA_NOT_SUPPORTED = 0x6e00;
export const SW_INTERNAL_ERROR = 0x6f00;

/** The tries left that a status word tells (63Cx, or 6983 for none), or null when it tells none. */
export function triesLeftOf(sw: number): number | null {
  if (sw === SW_AUTH_METHOD_BLOCKED) return 0;
  return (sw & 0xfff0) === SW_TRIES_LEFT ? sw & 0x0f : null;
}

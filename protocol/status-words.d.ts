export declare const SW_OK = 36864;
/** 61xx: xx more bytes wait for GET RESPONSE (00: 256 or more). */
export declare const SW_MORE_DATA = 24832;
/** 63Cx: wrong PIN or PUK, x tries left. */
export declare const SW_TRIES_LEFT = 25536;
export declare const SW_WRONG_LENGTH = 26368;
export declare const SW_CHANNEL_NOT_SUPPORTED = 26753;
export declare const SW_CHAINING_NOT_SUPPORTED = 26756;
/** The PIN or the management key has not been verified for this command. */
export declare const SW_SECURITY_STATUS_NOT_SATISFIED = 27010;
/** No tries left. */
export declare const SW_AUTH_METHOD_BLOCKED = 27011;
/** The state of the token does not allow the command (a blank token, a button not pressed in time, GET RESPONSE with nothing to give). */
export declare const SW_CONDITIONS_NOT_SATISFIED = 27013;
export declare const SW_WRONG_DATA = 27264;
export declare const SW_NOT_FOUND = 27266;
export declare const SW_NOT_ENOUGH_MEMORY = 27268;
export declare const SW_INCORRECT_P1_P2 = 27270;
export declare const SW_REFERENCE_NOT_FOUND = 27272;
export declare const SW_INS_NOT_SUPPORTED = 27904;
export declare const SW_CLA_NOT_SUPPORTED = 28160;
export declare const SW_INTERNAL_ERROR = 28416;
/** The tries left that a status word tells (63Cx, or 6983 for none), or null when it tells none. */
export declare function triesLeftOf(sw: number): number | null;

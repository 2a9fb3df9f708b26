// CCID's numbers as CCID 1.1 has them (§6.1, §6.2): the tests' own, not those of the simulator that they judge.

/** PC_to_RDR_*, bMessageType. */
export const SET_PARAMETERS = 0x61;
export const POWER_ON = 0x62;
export const POWER_OFF = 0x63;
export const SLOT_STATUS = 0x65;
export const SECURE = 0x69;
export const ESCAPE = 0x6b;
export const GET_PARAMETERS = 0x6c;
export const RESET_PARAMETERS = 0x6d;
export const XFR_BLOCK = 0x6f;
export const ABORT = 0x72;

/** RDR_to_PC_*, bMessageType. */
export const DATA_BLOCK = 0x80;
export const STATUS_ANSWER = 0x81;
export const PARAMETERS_ANSWER = 0x82;
export const ESCAPE_ANSWER = 0x83;

/** bmCommandStatus. */
export const FAILED = 1;
export const TIME_EXTENSION = 2;

/** bmICCStatus. */
export const ACTIVE = 0;
export const INACTIVE = 1;

/** bError. */
export const SLOT_BUSY = 0xe0;
export const ICC_MUTE = 0xfe;
export const CMD_ABORTED = 0xff;

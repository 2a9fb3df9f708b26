// Messages on CCID's bulk endpoints (CCID 1.1 §6.1, §6.2): ten bytes of header, then data. Numbers are little-endian.

import { EMPTY_BYTES } from "../../protocol/bytes.ts";

export const CCID_HEADER_BYTES = 10;

/** PC_to_RDR_*, bMessageType. */
export const SET_PARAMETERS = 0x61;
export const ICC_POWER_ON = 0x62;
export const ICC_POWER_OFF = 0x63;
export const GET_SLOT_STATUS = 0x65;
export const SECURE = 0x69;
export const ESCAPE = 0x6b;
export const GET_PARAMETERS = 0x6c;
export const RESET_PARAMETERS = 0x6d;
export const XFR_BLOCK = 0x6f;
export const ABORT = 0x72;
const SET_DATA_RATE_AND_CLOCK_FREQUENCY = 0x73;

/** RDR_to_PC_*, bMessageType. */
const DATA_BLOCK = 0x80;
const SLOT_STATUS = 0x81;
const PARAMETERS = 0x82;
const ESCAPE_ANSWER = 0x83;
const DATA_RATE_AND_CLOCK_FREQUENCY = 0x84;
/** RDR_to_PC_NotifySlotChange on the interrupt endpoint, §6.3.1: the card of slot 0 is there, and was not before. */
export const CARD_WAS_INSERTED = Uint8Array.of(0x50, 0b11);

/** What answers what, §6.1; all others are answered by their slot's status. */
const ANSWER_OF: ReadonlyMap<number, number> = new Map([
  [ICC_POWER_ON, DATA_BLOCK],
  [XFR_BLOCK, DATA_BLOCK],
  [SECURE, DATA_BLOCK],
  [GET_PARAMETERS, PARAMETERS],
  [RESET_PARAMETERS, PARAMETERS],
  [SET_PARAMETERS, PARAMETERS],
  [ESCAPE, ESCAPE_ANSWER],
  [SET_DATA_RATE_AND_CLOCK_FREQUENCY, DATA_RATE_AND_CLOCK_FREQUENCY],
]);

/** bError, §6.2.6; a number under 128 is the place of the field that is wrong. */
export const CMD_NOT_SUPPORTED = 0x00;
export const BAD_LENGTH = 1;
export const BAD_SLOT = 5;
export const BAD_POWER_SELECT = 7;
export const BAD_PROTOCOL = 7;
export const BAD_LEVEL = 8;
export const CMD_SLOT_BUSY = 0xe0;
export const ICC_MUTE = 0xfe;
export const CMD_ABORTED = 0xff;

/** bmCommandStatus, in bits 6 and 7 of bStatus. */
export const COMMAND_DONE = 0;
export const COMMAND_FAILED = 1;
export const TIME_EXTENSION = 2;

/** bmICCStatus, in bits 0 and 1 of bStatus. */
export const CARD_ACTIVE = 0;
export const CARD_INACTIVE = 1;

export interface CcidCommand {
  readonly type: number;
  readonly slot: number;
  readonly seq: number;
  /** The three bytes that each message uses in a way of its own. */
  readonly parameters: Uint8Array;
  readonly data: Uint8Array;
}

/** dwLength of a message whose header is there. */
export function dataLengthOf(message: Uint8Array): number {
  const [, low = 0, second = 0, third = 0, high = 0] = message;
  return (low | (second << 8) | (third << 16) | (high << 24)) >>> 0;
}

/** @param message the whole of it: header and dwLength bytes */
export function parseCcidCommand(message: Uint8Array): CcidCommand {
  const [type = 0, , , , , slot = 0, seq = 0] = message;
  return { type, slot, seq, parameters: message.subarray(7, CCID_HEADER_BYTES), data: message.subarray(CCID_HEADER_BYTES) };
}

export interface CcidAnswer {
  /** bmICCStatus. */
  readonly card: number;
  /** bmCommandStatus; done when absent. */
  readonly status?: number;
  /** bError, or how many waiting times a time extension asks for. */
  readonly error?: number;
  /** The last byte of the header: bChainParameter, bProtocolNum. */
  readonly last?: number;
  readonly data?: Uint8Array;
}

export function encodeCcidAnswer(to: Pick<CcidCommand, "type" | "slot" | "seq">, answer: CcidAnswer): Uint8Array {
  const { card, status = COMMAND_DONE, error = 0, last = 0, data = EMPTY_BYTES } = answer;
  const length = data.length;
  const message = new Uint8Array(CCID_HEADER_BYTES + length);
  message.set([
    ANSWER_OF.get(to.type) ?? SLOT_STATUS,
    length & 0xff,
    length >> 8,
    0,
    0,
    to.slot,
    to.seq,
    card | (status << 6),
    error,
    last,
  ]);
  message.set(data, CCID_HEADER_BYTES);
  return message;
}

// What a PIV card answers that is no token of ours: SP 800-73-5 and nothing else, by a simulated token behind a filter.

import type { TokenChannel } from "../../host-bridge/transport/transport.ts";
import { CLA_CHAINING, INS_GET_RESPONSE } from "../../protocol/apdu.ts";
import {
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_GET_DATA,
  INS_PUT_DATA,
  INS_RESET_RETRY_COUNTER,
  INS_SELECT,
  INS_VERIFY,
} from "../../protocol/piv.ts";
import { SW_CLA_NOT_SUPPORTED, SW_INS_NOT_SUPPORTED, SW_WRONG_LENGTH } from "../../protocol/status-words.ts";

/** TS, T0 with 4 historical bytes, T=1; «PIV1», which says nothing of extended length; the XOR of what follows TS. */
export const PLAIN_ATR = new Uint8Array([0x3b, 0x84, 0x01, 0x50, 0x49, 0x56, 0x31, 0xfb]);

const PIV_COMMANDS = new Set([
  INS_VERIFY,
  INS_CHANGE_REFERENCE_DATA,
  INS_RESET_RETRY_COUNTER,
  INS_GENERATE_KEY_PAIR,
  INS_GENERAL_AUTHENTICATE,
  INS_SELECT,
  INS_GET_RESPONSE,
  INS_GET_DATA,
  INS_PUT_DATA,
]);

export const statusWord = (value: number): Uint8Array => new Uint8Array([value >> 8, value & 0xff]);

/** @param extraCommands instructions that this card has beside PIV's */
export async function answerAsPlainCard(
  channel: TokenChannel,
  apdu: Uint8Array,
  extraCommands: readonly number[] = [],
): Promise<Uint8Array> {
  const [cla = 0, ins = 0, , , lc] = apdu;
  if ((cla & ~CLA_CHAINING) !== 0) return statusWord(SW_CLA_NOT_SUPPORTED);
  if (!PIV_COMMANDS.has(ins) && !extraCommands.includes(ins)) return statusWord(SW_INS_NOT_SUPPORTED);
  if (lc === 0 && apdu.length > 5) return statusWord(SW_WRONG_LENGTH); // extended
  return channel.transmit(apdu);
}

/** Instruction and P2, with «+» when it carries data. */
export function shortNameOf(apdu: Uint8Array): string {
  const [, ins = 0, , p2 = 0] = apdu;
  return `${ins.toString(16)} ${p2.toString(16)}${apdu.length > 5 ? "+" : ""}`;
}

// VERIFY, SP 800-73-5 Part 2 §3.2.1.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { INS_VERIFY, KEY_REF_PIV_PIN, REFERENCE_DATA_BYTES } from "../../protocol/piv.ts";
import {
  SW_AUTH_METHOD_BLOCKED,
  SW_INCORRECT_P1_P2,
  SW_REFERENCE_NOT_FOUND,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";

const P1_VERIFY = 0x00;
const P1_FORGET = 0xff;

/** Three commands in one: the PIN (8 bytes), how many tries are left (no data), forget the PIN (P1 = FF). */
function verify(context: CommandContext, command: CommandApdu): Uint8Array {
  const card = context.card;
  const channel = context.channel;
  if (command.p2 !== KEY_REF_PIV_PIN) throw new SwError(SW_REFERENCE_NOT_FOUND);
  if (command.p1 !== P1_VERIFY && command.p1 !== P1_FORGET) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.p1 === P1_FORGET) {
    if (command.data.length !== 0) throw new SwError(SW_WRONG_DATA);
    channel.forgetPin();
    return EMPTY_BYTES;
  }
  if (command.data.length === 0) {
    if (channel.isPinVerified(card)) return EMPTY_BYTES;
    const left = card.pin.triesLeft();
    throw new SwError(left === 0 ? SW_AUTH_METHOD_BLOCKED : SW_TRIES_LEFT + left);
  }
  if (command.data.length !== REFERENCE_DATA_BYTES) throw new SwError(SW_WRONG_DATA);
  channel.forgetPin();
  card.verifyPin(command.data);
  channel.pinWasVerified(card);
  return EMPTY_BYTES;
}

export const VERIFY: CommandHandler = { cla: 0x00, ins: INS_VERIFY, onBlank: true, handle: verify };

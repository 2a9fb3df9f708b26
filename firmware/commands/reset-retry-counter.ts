// RESET RETRY COUNTER, SP 800-73-5 Part 2 §3.2.3: the PUK sets a new PIN, blocked or not.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { copyBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import { INS_RESET_RETRY_COUNTER, KEY_REF_PIV_PIN, REFERENCE_DATA_BYTES } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_REFERENCE_NOT_FOUND, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";

function resetRetryCounter(context: CommandContext, command: CommandApdu): Uint8Array {
  const card = context.card;
  if (command.p1 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.p2 !== KEY_REF_PIV_PIN) throw new SwError(SW_REFERENCE_NOT_FOUND);
  if (command.data.length !== 2 * REFERENCE_DATA_BYTES) throw new SwError(SW_WRONG_DATA);
  const puk = copyBytes(command.data, 0, REFERENCE_DATA_BYTES);
  const pin = copyBytes(command.data, REFERENCE_DATA_BYTES, 2 * REFERENCE_DATA_BYTES);
  // As in CHANGE REFERENCE DATA: the form first, but a PUK of the wrong form spends its try.
  const replacement = card.puk.isWellFormed(puk) ? card.pin.replacement(pin) : [];
  context.channel.forgetPin();
  card.puk.verify(puk);
  card.journal.write(replacement);
  card.pinEpoch++;
  return EMPTY_BYTES;
}

export const RESET_RETRY_COUNTER: CommandHandler = {
  cla: 0x00,
  ins: INS_RESET_RETRY_COUNTER,
  onBlank: false,
  handle: resetRetryCounter,
};

// RESET, YubiKey PIV extension: erases what holder and office have put there, when neither can use it any more.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { INS_RESET } from "../../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_INCORRECT_P1_P2, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";

function reset(context: CommandContext, command: CommandApdu): Uint8Array {
  const card = context.card;
  if (command.p1 !== 0 || command.p2 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.data.length !== 0) throw new SwError(SW_WRONG_DATA);
  if (card.pin.triesLeft() > 0 || card.puk.triesLeft() > 0) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
  card.reset();
  return EMPTY_BYTES;
}

/** A blank token too may have lost all its tries. */
export const RESET: CommandHandler = { cla: 0x00, ins: INS_RESET, onBlank: true, handle: reset };

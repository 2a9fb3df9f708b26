// CHANGE REFERENCE DATA, SP 800-73-5 Part 2 §3.2.2: PIN or PUK, old value then new value.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { copyBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import { INS_CHANGE_REFERENCE_DATA, KEY_REF_PIV_PIN, KEY_REF_PUK, REFERENCE_DATA_BYTES } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_REFERENCE_NOT_FOUND, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";

function changeReferenceData(context: CommandContext, command: CommandApdu): Uint8Array {
  const card = context.card;
  if (command.p1 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.p2 !== KEY_REF_PIV_PIN && command.p2 !== KEY_REF_PUK) throw new SwError(SW_REFERENCE_NOT_FOUND);
  if (command.data.length !== 2 * REFERENCE_DATA_BYTES) throw new SwError(SW_WRONG_DATA);
  const isPin = command.p2 === KEY_REF_PIV_PIN;
  const reference = isPin ? card.pin : card.puk;
  const old = copyBytes(command.data, 0, REFERENCE_DATA_BYTES);
  const fresh = copyBytes(command.data, REFERENCE_DATA_BYTES, 2 * REFERENCE_DATA_BYTES);
  // The new value's form is checked before a try is spent on the old one. An old one of the wrong form is a wrong one, whatever comes with it:
  // of §3.2.2's two answers 63CX is what tools need that block PIN and PUK for a RESET.
  const replacement = reference.isWellFormed(old) ? reference.replacement(fresh) : [];
  if (isPin) {
    context.channel.forgetPin();
    card.verifyPin(old);
  } else reference.verify(old);
  card.journal.write(replacement);
  if (isPin) card.pinEpoch++;
  return EMPTY_BYTES;
}

export const CHANGE_REFERENCE_DATA: CommandHandler = {
  cla: 0x00,
  ins: INS_CHANGE_REFERENCE_DATA,
  onBlank: true,
  handle: changeReferenceData,
};

// SET TRIES (set PIN retries), YubiKey PIV extension: P1 the PIN's tries, P2 the PUK's, with PIN and management key. There, PIN and PUK become the
// factory's; a strict token leaves them as they are, and what was spent of the PUK's tries stays spent.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { INS_SET_TRIES } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";

/** A status word has four bits for the tries left. */
const MAX_TRIES = 15;

function setTries(context: CommandContext, command: CommandApdu): Uint8Array {
  const card = context.card;
  const isWanted = (tries: number): boolean => tries > 0 && tries <= MAX_TRIES;
  if (!isWanted(command.p1) || !isWanted(command.p2)) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.data.length !== 0) throw new SwError(SW_WRONG_DATA);
  const proved = context.channel.isManagementVerified(card) && context.channel.isPinVerified(card);
  if (!proved) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
  if (card.profile.isStrict) {
    card.journal.write([card.pin.triesReplacement(command.p1), card.puk.triesReplacement(command.p2)]);
    return EMPTY_BYTES;
  }
  const entries = card.pin.factoryReplacement(command.p1);
  card.puk.factoryReplacement(command.p2).forEach((entry) => void entries.push(entry));
  card.journal.write(entries);
  card.pinEpoch++;
  return EMPTY_BYTES;
}

export const SET_TRIES: CommandHandler = { cla: 0x00, ins: INS_SET_TRIES, onBlank: false, handle: setTries };

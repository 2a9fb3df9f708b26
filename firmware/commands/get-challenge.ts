// GET CHALLENGE, ISO 7816-4 §11.5.3: random bytes of the token's generator, as many as Le asks for and at most 256. They are the caller's own:
// the token keeps nothing of them and waits for no answer, so a challenge of GENERAL AUTHENTICATE that is still open stays as it is.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { INS_GET_CHALLENGE, MAX_CHALLENGE_BYTES } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_WRONG_LENGTH } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { randomBytes } from "../hal.ts";
import { SwError } from "../sw-error.ts";

/**
 * Le is the most that the caller takes (§5.1), so a longer one than 256, extended 0 too, is no error: it gives 256 bytes.
 * @throws SwError 6A86 P1 or P2 name something; 6700 data in the command, or no Le: then nobody says how many
 */
function getChallenge(context: CommandContext, command: CommandApdu): Uint8Array {
  if (command.p1 !== 0 || command.p2 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.data.length !== 0 || command.le === 0) throw new SwError(SW_WRONG_LENGTH);
  return randomBytes(context.card.hal.rng, Math.min(command.le, MAX_CHALLENGE_BYTES));
}

/** Random bytes tell nothing of the token and change nothing in it: a blank one gives them, and a blocked one. */
export const GET_CHALLENGE: CommandHandler = { cla: 0x00, ins: INS_GET_CHALLENGE, onBlank: true, handle: getChallenge };

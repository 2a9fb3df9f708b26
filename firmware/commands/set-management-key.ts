// SET MANAGEMENT KEY, YubiKey PIV extension: algorithm, 9B, length, key.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { copyBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import { INS_SET_MANAGEMENT_KEY, SLOT_MANAGEMENT } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";

const HEADER_BYTES = 3;

function setManagementKey(context: CommandContext, command: CommandApdu): Uint8Array {
  if (command.p1 !== 0xff || command.p2 !== 0xff) throw new SwError(SW_INCORRECT_P1_P2);
  if (!context.channel.isManagementVerified(context.card)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
  const data = command.data;
  const wellFormed = data.length > HEADER_BYTES && data[1] === SLOT_MANAGEMENT && data[2] === data.length - HEADER_BYTES;
  if (!wellFormed) throw new SwError(SW_WRONG_DATA);
  context.card.managementKey.replace(data[0], copyBytes(data, HEADER_BYTES, data.length));
  context.card.managementEpoch++; // what was proved was the old key: each other channel has to prove the new one
  context.channel.managementWasVerified(context.card);
  return EMPTY_BYTES;
}

export const SET_MANAGEMENT_KEY: CommandHandler = {
  cla: 0x00,
  ins: INS_SET_MANAGEMENT_KEY,
  onBlank: true,
  handle: setManagementKey,
};

// GET VERSION, YubiKey PIV extension: major, minor, patch.

import { INS_GET_VERSION } from "../../protocol/piv.ts";
import type { CommandContext, CommandHandler } from "../command.ts";

export const GET_VERSION: CommandHandler = {
  cla: 0x00,
  ins: INS_GET_VERSION,
  onBlank: true,
  handle: (context: CommandContext) => {
    const version = context.card.profile.toldVersion;
    return new Uint8Array([version[0], version[1], version[2]]);
  },
};

// IMPORT ASYMMETRIC KEY, YubiKey PIV extension: refused by its name, so that a tool can say why. Keys are made on the token.

import { INS_IMPORT_KEY } from "../../protocol/piv.ts";
import { SW_FUNCTION_NOT_SUPPORTED } from "../../protocol/status-words.ts";
import type { CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";

export const IMPORT_KEY: CommandHandler = {
  cla: 0x00,
  ins: INS_IMPORT_KEY,
  onBlank: false,
  handle: () => {
    throw new SwError(SW_FUNCTION_NOT_SUPPORTED);
  },
};

// GET VERSION, YubiKey PIV extension: which version of it the token speaks (major, minor, patch). The device information tells the firmware's own.

import { INS_GET_VERSION } from "../../protocol/piv.ts";
import type { CommandHandler } from "../command.ts";
import { EXTENSION_VERSION } from "../version.ts";

export const GET_VERSION: CommandHandler = {
  cla: 0x00,
  ins: INS_GET_VERSION,
  onBlank: true,
  handle: () => new Uint8Array(EXTENSION_VERSION as number[]),
};

// GET VERSION, YubiKey PIV extension: major, minor, patch.

import { INS_GET_VERSION } from "../../protocol/piv.ts";
import { FIRMWARE_VERSION } from "../card.ts";
import type { CommandHandler } from "../command.ts";

export const GET_VERSION: CommandHandler = {
  cla: 0x00,
  ins: INS_GET_VERSION,
  onBlank: true,
  handle: () => new Uint8Array([FIRMWARE_VERSION[0], FIRMWARE_VERSION[1], FIRMWARE_VERSION[2]]),
};

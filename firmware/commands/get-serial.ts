// GET SERIAL, YubiKey PIV extension: 4 bytes.

import { writeUint32 } from "../../protocol/bytes.ts";
import { INS_GET_SERIAL } from "../../protocol/piv.ts";
import type { CommandContext, CommandHandler } from "../command.ts";

function getSerial(context: CommandContext): Uint8Array {
  const serial = new Uint8Array(4);
  writeUint32(serial, 0, context.card.hal.device.serial);
  return serial;
}

export const GET_SERIAL: CommandHandler = { cla: 0x00, ins: INS_GET_SERIAL, onBlank: true, handle: getSerial };

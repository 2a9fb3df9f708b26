// The vendor command (protocol/vendor.ts): CBOR maps for what PIV has no words for.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { CborMap, encodeCbor } from "../../protocol/cbor.ts";
import { SW_INCORRECT_P1_P2, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import {
  CLA_VENDOR,
  INFO_FIRMWARE,
  INFO_FORMAT,
  INFO_INITIALISED,
  INFO_MAX_DATA,
  INFO_MODEL,
  INFO_REVISION,
  INFO_SERIAL,
  INFO_SIMULATED,
  INS_VENDOR,
  VENDOR_DEVICE_INFO,
  VENDOR_FORMAT_VERSION,
} from "../../protocol/vendor.ts";
import { type Card, FIRMWARE_VERSION } from "../card.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { MAX_COMMAND_DATA_BYTES } from "../limits.ts";
import { currentRevision } from "../revision.ts";
import { SwError } from "../sw-error.ts";

function deviceInfo(card: Card): CborMap {
  const device = card.hal.device;
  return new CborMap()
    .put(INFO_FORMAT, VENDOR_FORMAT_VERSION)
    .put(INFO_MODEL, device.model)
    .put(INFO_SERIAL, device.serial)
    .put(INFO_FIRMWARE, FIRMWARE_VERSION)
    .put(INFO_INITIALISED, card.isInitialised())
    .put(INFO_REVISION, currentRevision(card.journal))
    .put(INFO_MAX_DATA, MAX_COMMAND_DATA_BYTES)
    .put(INFO_SIMULATED, device.simulated);
}

function vendor(context: CommandContext, command: CommandApdu): Uint8Array {
  if (command.p1 !== VENDOR_DEVICE_INFO || command.p2 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  if (command.data.length !== 0) throw new SwError(SW_WRONG_DATA);
  return encodeCbor(deviceInfo(context.card));
}

export const VENDOR: CommandHandler = { cla: CLA_VENDOR, ins: INS_VENDOR, onBlank: true, handle: vendor };

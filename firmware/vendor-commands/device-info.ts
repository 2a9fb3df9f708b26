// Device information: what anybody may know of the token.

import { CborMap } from "../../protocol/cbor.ts";
import {
  INFO_COUNTER,
  INFO_FIRMWARE,
  INFO_FORMAT,
  INFO_INITIALISED,
  INFO_MAX_DATA,
  INFO_MODEL,
  INFO_PROFILE,
  INFO_REVISION,
  INFO_SEALED,
  INFO_SERIAL,
  INFO_SIMULATED,
  VENDOR_DEVICE_INFO,
  VENDOR_FORMAT_VERSION,
} from "../../protocol/vendor.ts";
import type { CommandContext } from "../command.ts";
import { isSealed } from "../factory.ts";
import { MAX_COMMAND_DATA_BYTES } from "../limits.ts";
import { currentRevision } from "../revision.ts";
import { FIRMWARE_VERSION } from "../version.ts";
import type { VendorCommand } from "./vendor-command.ts";

function deviceInfo(context: CommandContext): CborMap {
  const card = context.card;
  const device = card.hal.device;
  return new CborMap()
    .put(INFO_FORMAT, VENDOR_FORMAT_VERSION)
    .put(INFO_MODEL, device.model)
    .put(INFO_SERIAL, device.serial)
    .put(INFO_FIRMWARE, FIRMWARE_VERSION)
    .put(INFO_INITIALISED, card.isInitialised())
    .put(INFO_REVISION, currentRevision(card.journal))
    .put(INFO_MAX_DATA, MAX_COMMAND_DATA_BYTES)
    .put(INFO_SIMULATED, device.simulated)
    .put(INFO_PROFILE, card.profile.name)
    .put(INFO_SEALED, isSealed(card))
    .put(INFO_COUNTER, card.log.counter());
}

export const DEVICE_INFO: VendorCommand = { p1: VENDOR_DEVICE_INFO, onBlank: true, requestKeys: [], handle: deviceInfo };

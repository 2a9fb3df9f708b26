// The host's entropy, mixed into the token's generator: from anybody, since it can't harm (firmware/hal.ts).

import type { CborMap } from "../../protocol/cbor.ts";
import { MAX_ENTROPY_BYTES, REQUEST_ENTROPY, VENDOR_STIR } from "../../protocol/vendor.ts";
import type { CommandContext } from "../command.ts";
import { bytesOf, type VendorCommand } from "./vendor-command.ts";

function stir(context: CommandContext, request: CborMap): null {
  context.card.hal.rng.stir(bytesOf(request.get(REQUEST_ENTROPY), MAX_ENTROPY_BYTES));
  return null;
}

export const STIR: VendorCommand = { p1: VENDOR_STIR, onBlank: true, requestKeys: [REQUEST_ENTROPY], handle: stir };

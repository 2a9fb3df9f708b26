// The factory step, in two commands: the attestation key, then its certificate.

import { CborMap } from "../../protocol/cbor.ts";
import { FACTORY_CERTIFICATE, FACTORY_PUBLIC_KEY, VENDOR_FACTORY_KEY, VENDOR_FACTORY_SEAL } from "../../protocol/vendor.ts";
import type { CommandContext } from "../command.ts";
import { makeAttestationKey, sealAttestationKey } from "../factory.ts";
import { bytesOf, type VendorCommand } from "./vendor-command.ts";

const MAX_CERTIFICATE_BYTES = 1024;

function makeKey(context: CommandContext): CborMap {
  return new CborMap().put(FACTORY_PUBLIC_KEY, makeAttestationKey(context.card));
}

function seal(context: CommandContext, request: CborMap): null {
  sealAttestationKey(context.card, bytesOf(request.get(FACTORY_CERTIFICATE), MAX_CERTIFICATE_BYTES));
  return null;
}

export const FACTORY_KEY: VendorCommand = { p1: VENDOR_FACTORY_KEY, onBlank: true, requestKeys: [], handle: makeKey };
export const FACTORY_SEAL: VendorCommand = {
  p1: VENDOR_FACTORY_SEAL,
  onBlank: true,
  requestKeys: [FACTORY_CERTIFICATE],
  handle: seal,
};

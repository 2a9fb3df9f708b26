// The factory step for the unit tests: an attestation key, and a certificate of it that nobody judges.

import { CborMap } from "../../protocol/cbor.ts";
import { FACTORY_CERTIFICATE, FACTORY_PUBLIC_KEY, VENDOR_FACTORY_KEY, VENDOR_FACTORY_SEAL } from "../../protocol/vendor.ts";
import { bareCertificate } from "../support/bare-certificate.ts";
import { vendorCommand } from "./card-commands.ts";
import type { TestToken } from "./test-token.ts";

/** Seals a token that is nobody's yet. The answer is the attestation key's public point. */
export function seal(token: TestToken): Uint8Array {
  const point = token.vendor(VENDOR_FACTORY_KEY).get(FACTORY_PUBLIC_KEY) as Uint8Array;
  token.data(vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, bareCertificate(point))));
  return point;
}

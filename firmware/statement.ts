// Statements: what the token says of itself, signed by its attestation key (protocol/vendor.ts).

import { asciiBytes, concatBytes } from "../protocol/bytes.ts";
import { CborMap, encodeCbor } from "../protocol/cbor.ts";
import { SLOT_ATTESTATION } from "../protocol/piv.ts";
import { SW_REFERENCE_NOT_FOUND } from "../protocol/status-words.ts";
import {
  ENTRY_SIGNATURE,
  SIGNED_SIGNATURE,
  SIGNED_STATEMENT,
  STATEMENT_FIRMWARE,
  STATEMENT_FORMAT,
  STATEMENT_KIND,
  STATEMENT_PREFIX,
  STATEMENT_PROFILE,
  STATEMENT_SERIAL,
  STATEMENT_SIMULATED,
  VENDOR_FORMAT_VERSION,
} from "../protocol/vendor.ts";
import type { Card } from "./card.ts";
import { signEcdsa } from "./ecdsa-signature.ts";
import { isSealed } from "./factory.ts";
import { SwError } from "./sw-error.ts";
import { FIRMWARE_VERSION } from "./version.ts";

/** What every statement begins with; the caller puts the rest. @param kind STATEMENT_IS_* */
export function statement(card: Card, kind: number): CborMap {
  const device = card.hal.device;
  return new CborMap()
    .put(STATEMENT_FORMAT, VENDOR_FORMAT_VERSION)
    .put(STATEMENT_KIND, kind)
    .put(STATEMENT_SERIAL, device.serial)
    .put(STATEMENT_FIRMWARE, FIRMWARE_VERSION)
    .put(STATEMENT_PROFILE, card.profile.name)
    .put(STATEMENT_SIMULATED, device.simulated);
}

/** ECDSA over a SHA-256 digest by the attestation key. @throws SwError 6A88 when the factory step was not done */
export function signByAttestationKey(card: Card, digest: Uint8Array): Uint8Array {
  if (!isSealed(card)) throw new SwError(SW_REFERENCE_NOT_FOUND);
  return card.keys.usePrivateKey(SLOT_ATTESTATION, ENTRY_SIGNATURE, digest, (curve, key, point) => signEcdsa(curve, key, point, digest));
}

/** @throws SwError 6A88 */
export function signStatement(card: Card, told: CborMap): CborMap {
  const bytes = encodeCbor(told);
  const digest = card.hal.crypto.sha256(concatBytes([asciiBytes(STATEMENT_PREFIX), bytes]));
  return new CborMap().put(SIGNED_STATEMENT, bytes).put(SIGNED_SIGNATURE, signByAttestationKey(card, digest));
}

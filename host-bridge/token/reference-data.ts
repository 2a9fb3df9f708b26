// PINs and PUKs as they stand in commands (SP 800-73-5 Part 2 §2.4.3).

import { concatBytes } from "../../protocol/bytes.ts";
import { PIN_FILLER, REFERENCE_DATA_BYTES } from "../../protocol/piv.ts";
import { PinLengthError } from "./pin-length.ts";

/**
 * A PIN or PUK as reference data: filled up with FF to 8 bytes.
 * @throws PinLengthError when it is longer: the token would never see it
 */
export function padPin(pin: Uint8Array): Uint8Array {
  if (pin.length > REFERENCE_DATA_BYTES) throw new PinLengthError("PIN of more than 8 characters");
  const padded = new Uint8Array(REFERENCE_DATA_BYTES).fill(PIN_FILLER);
  padded.set(pin);
  return padded;
}

/** Two of them, one behind the other; no other copy of them is left. */
export function padPins(first: Uint8Array, second: Uint8Array): Uint8Array {
  const parts = [padPin(first), padPin(second)];
  const both = concatBytes(parts);
  for (const part of parts) part.fill(0);
  return both;
}

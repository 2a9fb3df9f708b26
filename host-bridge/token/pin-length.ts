// How long a PIN may be (SP 800-73-5 Part 2 §2.4.3: 6 to 8 bytes, filled up with FF to 8).

export const PIN_MIN_BYTES = 6;
export const PIN_MAX_BYTES = 8;

/** A PIN or PUK that does not fit into the token's 8 bytes. */
export class PinLengthError extends RangeError {
  override readonly name = "PinLengthError";
}

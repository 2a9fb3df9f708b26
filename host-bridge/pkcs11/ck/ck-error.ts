// How a PKCS#11 function refuses, and the one table that turns what the token says into a CKR.

import {
  SW_AUTH_METHOD_BLOCKED,
  SW_CONDITIONS_NOT_SATISFIED,
  SW_NOT_ENOUGH_MEMORY,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_TRIES_LEFT,
  SW_WRONG_DATA,
  triesLeftOf,
} from "../../../protocol/status-words.ts";
import { MalformedAnswerError } from "../../token/malformed-answer.ts";
import { PinLengthError } from "../../token/pin-length.ts";
import { TokenError } from "../../token/token-error.ts";
import { TransportError } from "../../transport/transport.ts";
import {
  CKR_DEVICE_ERROR,
  CKR_DEVICE_MEMORY,
  CKR_DEVICE_REMOVED,
  CKR_FUNCTION_CANCELED,
  CKR_GENERAL_ERROR,
  CKR_PIN_INCORRECT,
  CKR_PIN_INVALID,
  CKR_PIN_LEN_RANGE,
  CKR_PIN_LOCKED,
  CKR_TOKEN_WRITE_PROTECTED,
  CKR_USER_NOT_LOGGED_IN,
} from "./ck.ts";

export class CkError extends Error {
  override readonly name = "CkError";
  readonly rv: number;
  constructor(rv: number, options?: ErrorOptions) {
    super(`CKR 0x${rv.toString(16)}`, options);
    this.rv = rv;
  }
}

/** Status word → CKR. What is not here is the bridge's or the token's fault: CKR_DEVICE_ERROR. */
const CKR_OF_SW: ReadonlyMap<number, number> = new Map([
  [SW_AUTH_METHOD_BLOCKED, CKR_PIN_LOCKED],
  [SW_SECURITY_STATUS_NOT_SATISFIED, CKR_USER_NOT_LOGGED_IN],
  // The button was not pressed in time.
  [SW_CONDITIONS_NOT_SATISFIED, CKR_FUNCTION_CANCELED],
  [SW_NOT_ENOUGH_MEMORY, CKR_DEVICE_MEMORY],
]);

/** The same where a new PIN or PUK is set; what is not here is as above. */
const CKR_OF_SW_NEW_PIN: ReadonlyMap<number, number> = new Map([
  // No digits, trivial, or the factory's.
  [SW_WRONG_DATA, CKR_PIN_INVALID],
  // A blank token keeps its PUK to itself until all three secrets are set (`sceau token init`).
  [SW_CONDITIONS_NOT_SATISFIED, CKR_TOKEN_WRITE_PROTECTED],
]);

/** @returns the error, or the CkError for the token's refusal of a new PIN or PUK */
export function refusalOfNewPin(error: unknown): unknown {
  const rv = error instanceof TokenError ? CKR_OF_SW_NEW_PIN.get(error.sw) : undefined;
  return rv === undefined ? error : new CkError(rv, { cause: error });
}

/** @returns the CKR of anything that a function may throw */
export function ckrOf(error: unknown): number {
  if (error instanceof CkError) return error.rv;
  if (error instanceof TransportError) return error.failure === "gone" ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR;
  if (error instanceof TokenError) {
    const known = CKR_OF_SW.get(error.sw);
    if (known !== undefined) return known;
    return triesLeftOf(error.sw) !== null && error.sw >= SW_TRIES_LEFT ? CKR_PIN_INCORRECT : CKR_DEVICE_ERROR;
  }
  if (error instanceof MalformedAnswerError) return CKR_DEVICE_ERROR;
  return error instanceof PinLengthError ? CKR_PIN_LEN_RANGE : CKR_GENERAL_ERROR;
}

// Before the token sees a PIN or PUK: what would spend a try for nothing, and the last one, are refused here.

import { PIN_MAX_BYTES, PIN_MIN_BYTES } from "../../token/pin-length.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Slot } from "../slots/slot.ts";
import type { Application } from "./application.ts";

const PUK_BYTES = 8;

/**
 * A PIN of another length would be padded with FF and taken for a wrong one.
 * @param rv C_Login knows no CKR_PIN_LEN_RANGE (§5.6): there it is CKR_PIN_INCORRECT, and no try is spent
 */
export function checkPinLength(pin: Uint8Array, rv = ck.CKR_PIN_LEN_RANGE): void {
  if (pin.length < PIN_MIN_BYTES || pin.length > PIN_MAX_BYTES) throw new CkError(rv);
}

/** As checkPinLength. */
export function checkPukLength(puk: Uint8Array, rv = ck.CKR_PIN_LEN_RANGE): void {
  if (puk.length !== PUK_BYTES) throw new CkError(rv);
}

/**
 * Lets an application spend the last try only after C_GetTokenInfo has told it CKF_USER_PIN_FINAL_TRY (CKF_SO_PIN_FINAL_TRY), each time
 * anew: so a program with a PIN of yesterday in its settings does not block the token. Within the slot's `inPinTurn`.
 * @param reference KEY_REF_PIV_PIN or KEY_REF_PUK
 * @param isTold the bridge itself has told whoever typed this very PIN
 * @throws CkError CKR_PIN_LOCKED
 */
export async function checkLastTry(application: Application, slot: Slot, reference: number, isTold = false): Promise<void> {
  const isLast = (await slot.triesLeft(reference)) === 1;
  const isKnown = isTold || application.knowsLastTry(slot, reference);
  if (isLast && !isKnown) throw new CkError(ck.CKR_PIN_LOCKED);
  application.setKnowsLastTry(slot, reference, false);
}

// The PIN of one use of a key (CKU_CONTEXT_SPECIFIC): as C_Login gives it, or asked of the person by the bridge when the application knows no
// such login, as many don't.

import { KEY_REF_PIV_PIN } from "../../../protocol/piv.ts";
import type { KeyPurpose } from "../../pin-prompt/pin-prompt.ts";
import { TokenError } from "../../token/token-error.ts";
import * as ck from "../ck/ck.ts";
import { CkError, ckrOf } from "../ck/ck-error.ts";
import type { TokenKey } from "../objects/token-object.ts";
import type { Application, Session } from "./application.ts";
import { type AskedFor, withPin } from "./asked-pin.ts";
import { checkLastTry, checkPinLength } from "./pin-tries.ts";
import type { ContextLogin, UserLogin } from "./user-login.ts";

/** What a person is told of the use: the key by its label. */
export function askedForUse({ slot }: Session, key: TokenKey, what: KeyPurpose): AskedFor {
  const label = slot.objects.find((candidate) => candidate.key === key)?.attributes.get(ck.CKA_LABEL);
  return { what, key: new TextDecoder().decode(label) };
}

/**
 * Within the slot's `inPinTurn`.
 * @param isLastTryTold as of checkLastTry
 * @throws CkError CKR_PIN_INCORRECT, CKR_PIN_LOCKED; TokenError, TransportError
 */
export async function verifyForUse(
  application: Application,
  { slot }: Session,
  login: UserLogin,
  pin: Uint8Array,
  isLastTryTold: boolean,
): Promise<ContextLogin> {
  checkPinLength(pin, ck.CKR_PIN_INCORRECT);
  await checkLastTry(application, slot, KEY_REF_PIV_PIN, isLastTryTold);
  return login.verifyContext(pin);
}

const isWrongPin = (error: unknown): boolean =>
  (error instanceof CkError || error instanceof TokenError) && ckrOf(error) === ck.CKR_PIN_INCORRECT;

/**
 * Asks the person until the PIN is right.
 * @param ending gives the use up
 * @throws CkError CKR_FUNCTION_CANCELED when they decline, or the use is given up; CKR_PIN_LOCKED
 */
export async function askForUse(
  application: Application,
  session: Session,
  login: UserLogin,
  askedFor: AskedFor,
  ending: AbortController,
): Promise<ContextLogin> {
  const verify = (pin: Uint8Array, isLastTryTold: boolean): Promise<ContextLogin> =>
    session.slot.inPinTurn(() => {
      if (ending.signal.aborted) throw new CkError(ck.CKR_FUNCTION_CANCELED); // while others had their turn: no try is spent
      return verifyForUse(application, session, login, pin, isLastTryTold);
    });
  for (;;) {
    try {
      return await withPin(application, session, null, () => askedFor, verify, { ending });
    } catch (error) {
      if (!isWrongPin(error)) throw error;
    }
  }
}

// Whether an application knows the PUK: by a change of it into itself, because the token has no VERIFY for the PUK.

import { KEY_REF_PUK } from "../../../protocol/piv.ts";
import { SW_WRONG_DATA } from "../../../protocol/status-words.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { TokenError } from "../../token/token-error.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Slot } from "../slots/slot.ts";
import type { Application } from "./application.ts";
import { checkLastTry } from "./pin-tries.ts";

/**
 * A wrong one costs a try. Within the slot's `inPinTurn`.
 * @param isLastTryTold as in checkLastTry
 * @throws CkError CKR_PIN_INCORRECT when the token takes no such value for a PUK, which spends no try; CKR_PIN_LOCKED. TokenError
 */
export async function provePuk(
  application: Application,
  slot: Slot,
  client: TokenClient,
  puk: Uint8Array,
  isLastTryTold = false,
): Promise<void> {
  await checkLastTry(application, slot, KEY_REF_PUK, isLastTryTold);
  try {
    await client.changePuk(puk, puk);
  } catch (cause) {
    if (cause instanceof TokenError && cause.sw === SW_WRONG_DATA) throw new CkError(ck.CKR_PIN_INCORRECT, { cause });
    throw cause;
  }
}

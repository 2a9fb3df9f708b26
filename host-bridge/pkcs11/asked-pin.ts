// The protected authentication path (PKCS#11 2.40 §5.6 C_Login): the application gives no PIN, and the bridge asks the person for it.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../protocol/piv.ts";
import type { PinQuestion } from "../pin-prompt/pin-prompt.ts";
import type { Application, Session } from "./application.ts";
import * as ck from "./ck.ts";
import { CkError } from "./ck-error.ts";

export type AskedFor = Pick<PinQuestion, "what" | "key">;

/** Asks for what is not given away by asking: the tries that are left are told, and the last one may be spent then. @throws CkError */
async function ask(application: Application, session: Session, { what, key }: AskedFor): Promise<Uint8Array> {
  const { slot } = session;
  const reference = what === "officer" ? KEY_REF_PUK : KEY_REF_PIV_PIN;
  const triesLeft = what === "new-pin" ? undefined : await slot.triesLeft(reference);
  if (triesLeft === 0) throw new CkError(ck.CKR_PIN_LOCKED);
  const isLastTry = triesLeft === 1;
  const question: PinQuestion = {
    what,
    token: slot.info.serial,
    isLastTry,
    ...(key !== undefined && { key }),
    ...(triesLeft !== undefined && { triesLeft }),
  };
  const asking = new AbortController();
  session.asking = asking;
  try {
    const pin = (await application.services.pinPrompt?.ask(question, asking.signal)) ?? null;
    if (pin === null) throw new CkError(ck.CKR_FUNCTION_CANCELED);
    if (isLastTry) application.setKnowsLastTry(slot, reference, true);
    return pin;
  } finally {
    if (session.asking === asking) session.asking = null;
  }
}

/**
 * Runs `work` with the PIN that the application gave, or, without one and where the bridge has a way to ask, with the person's; that one is
 * overwritten afterwards.
 * @param given null or of no bytes: none
 * @throws CkError CKR_ARGUMENTS_BAD when there is neither; CKR_FUNCTION_CANCELED when the person declines; CKR_PIN_LOCKED
 */
export async function withPin<T>(
  application: Application,
  session: Session,
  given: Uint8Array | null,
  askedFor: AskedFor,
  work: (pin: Uint8Array) => Promise<T>,
): Promise<T> {
  if (given !== null && given.length > 0) return work(given);
  if (application.services.pinPrompt === null) throw new CkError(ck.CKR_ARGUMENTS_BAD);
  const pin = await ask(application, session, askedFor);
  try {
    return await work(pin);
  } finally {
    pin.fill(0);
  }
}

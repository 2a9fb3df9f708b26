// The protected authentication path (PKCS#11 2.40 §5.6 C_Login): the application gives no PIN, and the bridge asks the person for it.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../../protocol/piv.ts";
import type { PinQuestion } from "../../pin-prompt/pin-prompt.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Application, Session } from "./application.ts";

export type AskedFor = Pick<PinQuestion, "what" | "key">;

/** What a person is asked: the tries that are left are told. @throws CkError CKR_PIN_LOCKED */
async function questionFor({ slot }: Session, { what, key }: AskedFor): Promise<PinQuestion> {
  const triesLeft = what === "new-pin" ? undefined : await slot.triesLeft(what === "officer" ? KEY_REF_PUK : KEY_REF_PIV_PIN);
  if (triesLeft === 0) throw new CkError(ck.CKR_PIN_LOCKED);
  return {
    what,
    token: slot.info.serial,
    isLastTry: triesLeft === 1,
    ...(key !== undefined && { key }),
    ...(triesLeft !== undefined && { triesLeft }),
  };
}

/** The answer, and whether it was told to be the last try. @throws CkError CKR_FUNCTION_CANCELED, CKR_PIN_LOCKED; what `askedFor` throws */
async function ask(
  application: Application,
  session: Session,
  askedFor: () => AskedFor,
  signal: AbortSignal,
): Promise<{ pin: Uint8Array; isLastTry: boolean }> {
  const question = await questionFor(session, askedFor());
  if (signal.aborted) throw new CkError(ck.CKR_FUNCTION_CANCELED);
  const pin = (await application.services.pinPrompt?.ask(question, signal)) ?? null;
  if (pin !== null) {
    application.questions.answer();
    return { pin, isLastTry: question.isLastTry };
  }
  if (!signal.aborted) application.questions.decline();
  throw new CkError(ck.CKR_FUNCTION_CANCELED);
}

/** False: a null pointer, or no bytes; the person is asked. */
export const isGiven = (pin: Uint8Array | null): pin is Uint8Array => pin !== null && pin.length > 0;

interface HowAsked {
  /** What gives the question up. */
  readonly ending?: AbortController;
  /** It belongs to one that the person is at already: the new PIN to the old one. */
  readonly isInTurn?: boolean;
}

/**
 * Runs `work` with the PIN that the application gave, or, without one and where the bridge has a way to ask, with the person's; that one is
 * overwritten afterwards.
 * @param given null or of no bytes: none
 * @param askedFor what it is for, at the moment in which the person is asked; throws a CkError when the PIN would be of no use any more
 * @param work is told whether a person has typed this very PIN knowing that it is the last try, which it may spend then
 * @throws CkError CKR_ARGUMENTS_BAD when there is neither; CKR_FUNCTION_CANCELED when the person declines, or has declined too often a moment ago;
 *   CKR_PIN_LOCKED
 */
export async function withPin<T>(
  application: Application,
  session: Session,
  given: Uint8Array | null,
  askedFor: () => AskedFor,
  work: (pin: Uint8Array, isLastTryTold: boolean) => Promise<T>,
  { ending = new AbortController(), isInTurn }: HowAsked = {},
): Promise<T> {
  if (isGiven(given)) return work(given, false);
  if (application.services.pinPrompt === null) throw new CkError(ck.CKR_ARGUMENTS_BAD);
  const asking = { what: askedFor().what, abort: () => ending.abort() };
  session.asking = asking; // from here on whoever ends the session ends the question, also one that is not asked yet
  const askAndWork = async (): Promise<T> => {
    const { pin, isLastTry } = await ask(application, session, askedFor, ending.signal);
    try {
      return await work(pin, isLastTry);
    } finally {
      pin.fill(0);
    }
  };
  try {
    return await (isInTurn ? askAndWork() : application.questions.inTurn(askAndWork, ending.signal));
  } finally {
    if (session.asking === asking) session.asking = null;
  }
}

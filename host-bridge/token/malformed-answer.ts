// Answers of a token that do not have the form they should. protocol/ throws MalformedError for that, which is no Error (Espruino cannot
// extend it); here it becomes one, so that whoever reports it has a message and a stack.

import { parseOneTlv, parseTlvs, type Tlv } from "../../protocol/ber-tlv.ts";
import { MalformedError } from "../../protocol/malformed.ts";

export class MalformedAnswerError extends Error {
  override readonly name = "MalformedAnswerError";
}

/** Runs a parser of protocol/. @throws MalformedAnswerError for its MalformedError */
export function fromToken<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof MalformedError)) throw cause;
    throw new MalformedAnswerError(`the token's answer makes no sense: ${cause.message}`, { cause });
  }
}

/** @throws MalformedAnswerError */
export function answerTlvs(bytes: Uint8Array): Tlv[] {
  return fromToken(() => parseTlvs(bytes));
}

/** The value of the one data object that `bytes` are. @throws MalformedAnswerError */
export function answerTlv(bytes: Uint8Array, tag: number): Uint8Array {
  return fromToken(() => parseOneTlv(bytes, tag));
}

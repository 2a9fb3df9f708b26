// What a person reads when the bridge asks for a PIN.

import type { PinQuestion } from "../host-bridge/pin-prompt/pin-prompt.ts";
import type { PinQuestionText, PinTexts } from "../host-bridge/pin-prompt/pinentry.ts";
import type { Messages } from "./messages/en.ts";
import { visible } from "./terminal.ts";

/** Below it the person is told how many tries are left. */
const FULL_TRIES = 3;

export function pinTexts({ bridge: { pin } }: Messages): PinTexts {
  const warning = ({ isLastTry, triesLeft }: PinQuestion): { warning?: string } => {
    if (isLastTry) return { warning: pin.lastTry };
    return triesLeft !== undefined && triesLeft < FULL_TRIES ? { warning: pin.triesLeft(triesLeft) } : {};
  };
  const question = (asked: PinQuestion): PinQuestionText => ({
    title: pin.title,
    description: pin.describe(asked.what, visible(asked.token), visible(asked.key ?? "")),
    prompt: pin.label[asked.what],
    ...warning(asked),
  });
  return { question, again: pin.again, notTheSame: pin.notTheSame };
}

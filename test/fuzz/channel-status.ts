// The security status of a channel: when it may be gained, when lost.

import { INS_CHANGE_REFERENCE_DATA, INS_GENERAL_AUTHENTICATE, INS_RESET_RETRY_COUNTER, INS_VERIFY } from "../../protocol/piv.ts";
import { Finding } from "./finding.ts";

export interface ChannelStatus {
  readonly pin: boolean;
  readonly management: boolean;
  readonly batch: boolean;
}

export const NO_INSTRUCTION = -1;
const FORGETS_PIN = [INS_VERIFY, INS_CHANGE_REFERENCE_DATA, INS_RESET_RETRY_COUNTER];

/** @param ins of the command that succeeded on this channel */
export function checkGained(was: ChannelStatus, is: ChannelStatus, ins: number, isOwnSuccess: boolean): void {
  if (!was.pin && is.pin && ins !== INS_VERIFY) throw new Finding("the PIN counts as verified");
  if (!was.management && is.management && ins !== INS_GENERAL_AUTHENTICATE) throw new Finding("the management key counts as proved");
  if (!was.batch && is.batch && !(isOwnSuccess && was.pin)) throw new Finding("a list of digests counts as consented to");
}

/** @param ins of the command that was refused on this channel */
export function checkLost(was: ChannelStatus, is: ChannelStatus, ins: number, isBlockedNow: boolean): void {
  if (was.pin && !is.pin && !isBlockedNow && !FORGETS_PIN.includes(ins)) throw new Finding("a refused command forgot the PIN");
  const mayForget = ins === INS_GENERAL_AUTHENTICATE;
  if (was.management && !is.management && !mayForget) throw new Finding("a refused command forgot the management key");
}

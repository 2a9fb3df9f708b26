// What whoever starts the PKCS#11 server gives it, beside the slots.

import type { PinPrompt } from "../../pin-prompt/pin-prompt.ts";
import type { ManagementKeys } from "../../token/management-keys.ts";

/** Told of every call: its name and its CKR, never what it carried. */
export type CallLog = (name: string, rv: number) => void;

export interface Services {
  readonly log: CallLog;
  /** null: tokens can be signed with, and their keys and certificates not changed, unless the officer gives the management key. */
  readonly managementKeys: ManagementKeys | null;
  /** null: PINs come from the applications only. */
  readonly pinPrompt: PinPrompt | null;
}

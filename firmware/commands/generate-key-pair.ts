// GENERATE ASYMMETRIC KEY PAIR, SP 800-73-5 Part 2 §3.3.2, with the policies of the YubiKey PIV extension.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs, type Tlv } from "../../protocol/ber-tlv.ts";
import {
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_DEFAULT,
  BUTTON_POLICY_NEVER,
  INS_GENERATE_KEY_PAIR,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_DEFAULT,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_CARD_AUTHENTICATION,
  SLOT_SIGNATURE,
  TAG_ALGORITHM,
  TAG_BUTTON_POLICY,
  TAG_EC_POINT,
  TAG_KEY_TEMPLATE,
  TAG_PIN_POLICY,
  TAG_PUBLIC_KEY,
} from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_NOT_ENOUGH_MEMORY, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext, CommandHandler } from "../command.ts";
import { ID_KEY } from "../journal-ids.ts";
import { keyAlgorithm } from "../key-algorithm.ts";
import { isKeySlot, type KeyPolicies, keyRecordBytes } from "../key-store.ts";
import { MAX_FIELDS } from "../limits.ts";
import { SwError } from "../sw-error.ts";

/** The one byte of a field, or `otherwise` when the field is absent. */
function byteField(fields: readonly Tlv[], tag: number, otherwise: number): number {
  const value = findTlv(fields, tag);
  if (value === null) return otherwise;
  if (value.length !== 1) throw new SwError(SW_WRONG_DATA);
  return value[0];
}

/** The slot's own PIN policy, SP 800-73-5 Part 1 table 4b: 9C always, 9E never, others once. */
function slotPinPolicy(slot: number): number {
  if (slot === SLOT_SIGNATURE) return PIN_POLICY_ALWAYS;
  return slot === SLOT_CARD_AUTHENTICATION ? PIN_POLICY_NEVER : PIN_POLICY_ONCE;
}

function parsePolicies(fields: readonly Tlv[], slot: number): KeyPolicies {
  const pin = byteField(fields, TAG_PIN_POLICY, PIN_POLICY_DEFAULT);
  const button = byteField(fields, TAG_BUTTON_POLICY, BUTTON_POLICY_DEFAULT);
  if (pin > PIN_POLICY_ALWAYS || button > BUTTON_POLICY_CACHED) throw new SwError(SW_WRONG_DATA);
  return {
    pin: pin === PIN_POLICY_DEFAULT ? slotPinPolicy(slot) : pin,
    button: button === BUTTON_POLICY_DEFAULT ? BUTTON_POLICY_NEVER : button,
  };
}

function generateKeyPair(context: CommandContext, command: CommandApdu): Uint8Array {
  if (command.p1 !== 0 || !isKeySlot(command.p2)) throw new SwError(SW_INCORRECT_P1_P2);
  if (!context.channel.isManagementVerified(context.card)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
  const fields = parseTlvs(parseOneTlv(command.data, TAG_KEY_TEMPLATE), MAX_FIELDS);
  const algorithm = keyAlgorithm(context.card.hal.crypto, byteField(fields, TAG_ALGORITHM, 0));
  if (algorithm === null) throw new SwError(SW_WRONG_DATA);
  const policies = parsePolicies(fields, command.p2);
  if (!context.card.journal.roomFor(keyRecordBytes(algorithm), ID_KEY | command.p2)) throw new SwError(SW_NOT_ENOUGH_MEMORY);
  const publicKey = context.card.keys.generate(command.p2, algorithm, policies);
  return encodeTlv(TAG_PUBLIC_KEY, [encodeTlv(TAG_EC_POINT, [publicKey])]);
}

export const GENERATE_KEY_PAIR: CommandHandler = {
  cla: 0x00,
  ins: INS_GENERATE_KEY_PAIR,
  onBlank: false,
  handle: generateKeyPair,
};

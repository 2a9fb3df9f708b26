// GENERAL AUTHENTICATE, SP 800-73-5 Part 2 §3.2.4: proves the management key (9B), or signs (9A, 9C, 9D, 9E).

import type { CommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs, type Tlv } from "../../protocol/ber-tlv.ts";
import { EMPTY_BYTES, equalSecrets } from "../../protocol/bytes.ts";
import {
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  INS_GENERAL_AUTHENTICATE,
  P256_DIGEST_BYTES,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  SLOT_MANAGEMENT,
  TAG_CHALLENGE,
  TAG_DYNAMIC_AUTH,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import {
  SW_INCORRECT_P1_P2,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../../protocol/status-words.ts";
import { AfterButton, type CommandContext, type CommandHandler } from "../command.ts";
import { randomBytes } from "../hal.ts";
import { isKeySlot, type KeyPolicies } from "../key-store.ts";
import { AES_BLOCK_BYTES } from "../management-key.ts";
import { signP256 } from "../p256-signature.ts";
import { SwError } from "../sw-error.ts";

const BUTTON_CACHE_MS = 15000;

function template(tag: number, value: Uint8Array): Uint8Array {
  return encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(tag, [value])]);
}

/**
 * The management key, mutual (SP 800-73-5 Part 2 appendix A.1: witness, then witness and challenge) or single (challenge, then response).
 * What this side handed out is good for one answer.
 */
function authenticateManagement(context: CommandContext, algorithm: number, fields: readonly Tlv[]): Uint8Array {
  const card = context.card;
  const managementKey = card.managementKey;
  if (algorithm !== managementKey.algorithm()) throw new SwError(SW_INCORRECT_P1_P2);
  const encrypt = (block: Uint8Array): Uint8Array => card.hal.crypto.aesEncryptBlock(managementKey.key(), block);
  const channel = context.channel;
  const expected = channel.takeExpectedAnswer(card);
  const prove = (answer: Uint8Array): void => {
    channel.forgetManagement();
    if (expected === null || !equalSecrets(expected, answer)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
    channel.managementWasVerified(card);
  };
  const witness = findTlv(fields, TAG_WITNESS);
  const challenge = findTlv(fields, TAG_CHALLENGE);
  const response = findTlv(fields, TAG_RESPONSE);

  if (witness !== null && witness.length === 0) {
    const plain = randomBytes(card.hal.rng, AES_BLOCK_BYTES);
    channel.expectAnswer(card, plain);
    return template(TAG_WITNESS, encrypt(plain));
  }
  if (witness !== null && challenge !== null) {
    if (challenge.length !== AES_BLOCK_BYTES) throw new SwError(SW_WRONG_DATA);
    prove(witness);
    return template(TAG_RESPONSE, encrypt(challenge));
  }
  if (challenge !== null && challenge.length === 0) {
    const plain = randomBytes(card.hal.rng, AES_BLOCK_BYTES);
    channel.expectAnswer(card, encrypt(plain));
    return template(TAG_CHALLENGE, plain);
  }
  if (response !== null) {
    prove(response);
    return EMPTY_BYTES;
  }
  throw new SwError(SW_WRONG_DATA);
}

/** A press counts again for the channel and the slot that it was made for, and for no other. */
function needsButton(context: CommandContext, slot: number, policies: KeyPolicies): boolean {
  if (policies.button === BUTTON_POLICY_ALWAYS) return true;
  if (policies.button !== BUTTON_POLICY_CACHED) return false;
  return !context.channel.isPressed(slot, context.card.hal.clock.nowMs(), BUTTON_CACHE_MS);
}

function sign(context: CommandContext, command: CommandApdu, fields: readonly Tlv[]): Uint8Array | AfterButton {
  const card = context.card;
  const slot = command.p2;
  if (!isKeySlot(slot)) throw new SwError(SW_INCORRECT_P1_P2);
  const info = card.keys.info(slot);
  if (info === null) throw new SwError(SW_REFERENCE_NOT_FOUND);
  if (command.p1 !== info.algorithm) throw new SwError(SW_INCORRECT_P1_P2);
  const digest = findTlv(fields, TAG_CHALLENGE);
  if (digest === null || digest.length === 0 || digest.length > P256_DIGEST_BYTES) throw new SwError(SW_WRONG_DATA);
  // The PIN first, the button second: a client without context login tries once in vain, and nobody should have to press for that.
  const pin = info.policies.pin;
  const pinSatisfied = context.channel.isPinVerified(card) && (pin !== PIN_POLICY_ALWAYS || context.pinJustVerified);
  if (pin !== PIN_POLICY_NEVER && !pinSatisfied) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
  const proceed = (): Uint8Array =>
    template(
      TAG_RESPONSE,
      card.keys.withPrivateKey(slot, (key) => signP256(card.hal.crypto, key, digest)),
    );
  if (!needsButton(context, slot, info.policies)) return proceed();
  return new AfterButton(() => {
    context.channel.buttonWasPressed(slot, card.hal.clock.nowMs());
    return proceed();
  });
}

function generalAuthenticate(context: CommandContext, command: CommandApdu): Uint8Array | AfterButton {
  const fields = parseTlvs(parseOneTlv(command.data, TAG_DYNAMIC_AUTH));
  return command.p2 === SLOT_MANAGEMENT ? authenticateManagement(context, command.p1, fields) : sign(context, command, fields);
}

export const GENERAL_AUTHENTICATE: CommandHandler = {
  cla: 0x00,
  ins: INS_GENERAL_AUTHENTICATE,
  onBlank: true,
  handle: generalAuthenticate,
};

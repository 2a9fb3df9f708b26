// The use of a private key: which key, may it be used so, has the holder consented, then the arithmetic.

import { encodeTlv } from "../protocol/ber-tlv.ts";
import {
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_CACHED,
  isRetiredSlot,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  SLOT_KEY_MANAGEMENT,
  TAG_DYNAMIC_AUTH,
  TAG_RESPONSE,
} from "../protocol/piv.ts";
import {
  SW_CONDITIONS_NOT_SATISFIED,
  SW_FUNCTION_NOT_SUPPORTED,
  SW_INCORRECT_P1_P2,
  SW_REFERENCE_NOT_FOUND,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../protocol/status-words.ts";
import { ENTRY_KEY_AGREEMENT, ENTRY_SIGNATURE } from "../protocol/vendor.ts";
import { AfterButton, type CommandContext } from "./command.ts";
import { signEcdsa } from "./ecdsa-signature.ts";
import { isKeySlot, type KeyInfo } from "./key-store.ts";
import { loggedDigest } from "./signature-log.ts";
import { SwError } from "./sw-error.ts";

const BUTTON_CACHE_MS = 15000;
/** Both lengths in one byte. */
const SHORT_RESPONSE_BYTES = 0x7e;

/**
 * The key of a slot. `algorithm` null: any.
 * @throws SwError 6A86 no slot for keys, or another algorithm than the key's; 6A88 no key
 */
export function requireKey(context: CommandContext, slot: number, algorithm: number | null): KeyInfo {
  if (!isKeySlot(slot)) throw new SwError(SW_INCORRECT_P1_P2);
  const info = context.card.keys.info(slot);
  if (info === null) throw new SwError(SW_REFERENCE_NOT_FOUND);
  if (algorithm !== null && algorithm !== info.algorithm) throw new SwError(SW_INCORRECT_P1_P2);
  return info;
}

/** @throws SwError 6982 */
export function requirePin(context: CommandContext, policy: number): void {
  if (policy === PIN_POLICY_NEVER) return;
  const verified = context.channel.isPinVerified(context.card);
  if (!verified || (policy === PIN_POLICY_ALWAYS && !context.pinJustVerified)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
}

/** A press counts again for the channel and the key that it was made for, and for no other. */
function needsButton(context: CommandContext, info: KeyInfo): boolean {
  if (info.policies.button === BUTTON_POLICY_ALWAYS) return true;
  if (info.policies.button !== BUTTON_POLICY_CACHED) return false;
  return !context.channel.isPressed(info.publicKey, context.card.hal.clock.nowMs(), BUTTON_CACHE_MS);
}

/** The PIN first, the button second: a client without context login tries once in vain, and nobody should have to press for that. */
function withConsent(context: CommandContext, info: KeyInfo, proceed: () => Uint8Array): Uint8Array | AfterButton {
  requirePin(context, info.policies.pin);
  if (!needsButton(context, info)) return proceed();
  return new AfterButton(() => {
    context.channel.buttonWasPressed(info.publicKey, context.card.hal.clock.nowMs());
    return proceed();
  });
}

function response(value: Uint8Array): Uint8Array {
  const n = value.length;
  if (n < SHORT_RESPONSE_BYTES) {
    // What the line below makes, in one piece.
    const short = new Uint8Array(n + 4);
    short.set([TAG_DYNAMIC_AUTH, n + 2, TAG_RESPONSE, n], 0);
    short.set(value, 4);
    return short;
  }
  return encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_RESPONSE, [value])]);
}

/**
 * ECDSA over a digest of 1 byte to the length of the field.
 * @throws SwError 6A86, 6A88, 6A80, 6982; 6985 when this channel has a list of digests for the slot (batch consent) and this is none of them
 */
export function sign(context: CommandContext, algorithm: number, slot: number, digest: Uint8Array): Uint8Array | AfterButton {
  const card = context.card;
  const info = requireKey(context, slot, algorithm);
  if (digest.length === 0 || digest.length > info.keyAlgorithm.fieldBytes) throw new SwError(SW_WRONG_DATA);
  const proceed = (): Uint8Array => {
    const logged = loggedDigest(card.hal.crypto, digest);
    return response(card.keys.usePrivateKey(slot, ENTRY_SIGNATURE, logged, (curve, key, point) => signEcdsa(curve, key, point, digest)));
  };
  const batch = context.channel.batch(card, slot, info.publicKey);
  if (batch === null) return withConsent(context, info, proceed);
  if (!batch.take(digest)) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
  if (batch.isEmpty()) context.channel.forgetBatch();
  return proceed();
}

/**
 * ECDH (SP 800-56A §6.2.2.2) with the other side's uncompressed point: the x-coordinate of the common point.
 * @throws SwError 6A86, 6A88, 6982; 6A81 the slot's key is not for this; 6A80 no point of the curve
 */
export function agreeOnKey(context: CommandContext, algorithm: number, slot: number, point: Uint8Array): Uint8Array | AfterButton {
  const card = context.card;
  const info = requireKey(context, slot, algorithm);
  if (card.profile.isStrict && slot !== SLOT_KEY_MANAGEMENT && !isRetiredSlot(slot)) throw new SwError(SW_FUNCTION_NOT_SUPPORTED);
  requirePin(context, info.policies.pin); // before the arithmetic
  const curve = info.keyAlgorithm.curve;
  if (!curve.isPoint(point)) throw new SwError(SW_WRONG_DATA);
  return withConsent(context, info, () => {
    const logged = card.hal.crypto.sha256(point);
    return response(card.keys.usePrivateKey(slot, ENTRY_KEY_AGREEMENT, logged, (_, key) => curve.sharedSecret(key, point)));
  });
}

// CK_TOKEN_INFO.flags (PKCS#11 2.40 §3.2), from what the token tells of itself.

import type { Tries } from "../../token/token-client.ts";
import * as ck from "../ck/ck.ts";

/** What a token tells of its PIN, or of its PUK. */
export interface SecretState extends Tries {
  /** It is still the factory's, which the token must be initialised to change. */
  readonly isFactory: boolean;
}

interface SecretFlags {
  readonly countLow: number;
  readonly finalTry: number;
  readonly locked: number;
  readonly toBeChanged: number;
}

const USER_FLAGS: SecretFlags = {
  countLow: ck.CKF_USER_PIN_COUNT_LOW,
  finalTry: ck.CKF_USER_PIN_FINAL_TRY,
  locked: ck.CKF_USER_PIN_LOCKED,
  toBeChanged: ck.CKF_USER_PIN_TO_BE_CHANGED,
};

const SO_FLAGS: SecretFlags = {
  countLow: ck.CKF_SO_PIN_COUNT_LOW,
  finalTry: ck.CKF_SO_PIN_FINAL_TRY,
  locked: ck.CKF_SO_PIN_LOCKED,
  toBeChanged: ck.CKF_SO_PIN_TO_BE_CHANGED,
};

function secretFlags({ total, left, isFactory }: SecretState, flags: SecretFlags): number {
  const toBeChanged = isFactory ? flags.toBeChanged : 0;
  if (left === 0) return toBeChanged | flags.locked;
  return toBeChanged | (left < total ? flags.countLow : 0) | (left === 1 ? flags.finalTry : 0);
}

/** C_InitToken has set the officer's PIN and nobody the user's yet: the token has the factory's, which is nobody's. */
const awaitsUserPin = (pin: SecretState, puk: SecretState): boolean => pin.isFactory && !puk.isFactory;

/**
 * @param isInitialised false: PIN, PUK or management key is the factory's, and the token makes no keys
 * @param isWritable this application may make keys and write certificates
 * @param hasRandom it gives random bytes; PIV has no command for that
 */
export function tokenFlags(isInitialised: boolean, isWritable: boolean, pin: SecretState, puk: SecretState, hasRandom = true): number {
  // After C_InitToken, too, when the PIN alone is still the factory's (§3.2).
  const isBegun = isInitialised || !puk.isFactory;
  const state = (isBegun ? ck.CKF_TOKEN_INITIALIZED : 0) | (isWritable ? 0 : ck.CKF_WRITE_PROTECTED);
  const userPin = awaitsUserPin(pin, puk) ? 0 : ck.CKF_USER_PIN_INITIALIZED;
  const random = hasRandom ? ck.CKF_RNG : 0;
  return random | ck.CKF_LOGIN_REQUIRED | state | userPin | secretFlags(pin, USER_FLAGS) | secretFlags(puk, SO_FLAGS);
}

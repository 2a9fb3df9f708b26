// What may be under way in a session: an operation that an Init function began, a use of a key, a question to a person.

import type { Hash, Verify } from "node:crypto";
import type { PinQuestion } from "../../pin-prompt/pin-prompt.ts";
import type { TokenObject } from "../objects/token-object.ts";
import type { ContextLogin } from "./user-login.ts";

export interface SigningOperation {
  readonly key: NonNullable<TokenObject["key"]>;
  /** The PIN that was given for this very operation (CKU_CONTEXT_SPECIFIC). */
  context: ContextLogin | null;
  /** For a mechanism that digests: what C_SignUpdate gave. null: the data is the digest (CKM_ECDSA). */
  readonly hash: Hash | null;
  /** Set by C_SignUpdate: C_SignFinal must end it. */
  isMultiPart: boolean;
}

export interface VerifyingOperation {
  /** Uncompressed point: 65 bytes (P-256) or 97 (P-384). */
  readonly point: Uint8Array;
  /** For a mechanism that digests: node's verifier of what C_VerifyUpdate gave. null: the data is the digest (CKM_ECDSA). */
  readonly verifier: Verify | null;
  isMultiPart: boolean;
}

export interface DigestingOperation {
  readonly hash: Hash;
  /** Of the digest. */
  readonly lengthBytes: number;
  /** What has begun, which the other kind's functions can't go on with: C_Digest (when it asked for the length), or C_DigestUpdate and C_DigestKey. */
  kind: "one part" | "parts" | null;
}

/** A use of a key that is under way, from the question for its PIN to the token's answer. */
export interface OngoingUse {
  /** CKF_SIGN or CKF_DERIVE. */
  readonly flag: number;
  giveUp(): void;
}

/** A question to a person that is open. */
export interface Asking {
  readonly what: PinQuestion["what"];
  abort(): void;
}

// What may be under way in a session: an operation that an Init function began, a use of a key, a question to a person.

import type { Hash } from "node:crypto";
import type { PinQuestion } from "../../pin-prompt/pin-prompt.ts";
import type { TokenClient } from "../../token/token-client.ts";
import type { TransmitOptions } from "../../transport/transport.ts";
import type { RsaTokenKey, TokenKey } from "../objects/token-object.ts";
import type { ContextLogin } from "./user-login.ts";

/** An operation with a private key, which may want its PIN for this very use. */
export interface KeyOperation {
  readonly key: TokenKey;
  /** The PIN that was given for this very operation (CKU_CONTEXT_SPECIFIC). */
  context: ContextLogin | null;
}

/** How signatures are made with a key by a mechanism. */
export interface SignatureMaking {
  readonly signatureBytes: number;
  /** Whether what is to be signed, the data's digest or the data, may have this length. */
  takes(lengthBytes: number): boolean;
  /** One exchange with the token. @returns the signature as PKCS#11 has it */
  sign(client: TokenClient, options: TransmitOptions, value: Uint8Array): Promise<Uint8Array>;
}

export interface SigningOperation extends KeyOperation {
  readonly making: SignatureMaking;
  /** For a mechanism that digests: what C_SignUpdate gave. null: the data are what is signed (CKM_ECDSA, CKM_RSA_PKCS, CKM_RSA_PKCS_PSS). */
  readonly hash: Hash | null;
  /** Set by C_SignUpdate: C_SignFinal must end it. */
  isMultiPart: boolean;
}

/** Judges one signature by a key. */
export interface SignatureJudge {
  readonly signatureBytes: number;
  /** For a mechanism that digests: takes the data, or a part of them. null: the data come whole, to `isValid`. */
  readonly update: ((data: Uint8Array) => void) | null;
  /** Whether data that come whole may have this length. */
  takes(lengthBytes: number): boolean;
  isValid(data: Uint8Array, signature: Uint8Array): boolean;
}

export interface VerifyingOperation {
  readonly judge: SignatureJudge;
  isMultiPart: boolean;
}

/** How what a key has decrypted is decoded. */
export interface Decoding {
  /** Of the longest message. */
  readonly mostBytes: number;
  /** @returns null: it is none */
  decode(block: Uint8Array, ciphertext: Uint8Array): Uint8Array | null;
}

export interface DecryptingOperation extends KeyOperation {
  readonly key: RsaTokenKey;
  readonly decoding: Decoding;
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
  /** CKF_SIGN, CKF_DECRYPT or CKF_DERIVE. */
  readonly flag: number;
  giveUp(): void;
}

/** A question to a person that is open. */
export interface Asking {
  readonly what: PinQuestion["what"];
  abort(): void;
}

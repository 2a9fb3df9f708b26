// The mechanisms of C_Decrypt: how what the card's key made of a ciphertext is decoded.

import { randomBytes } from "node:crypto";
import { decodeEmeOaep, longestOaepMessage } from "../../rsa/eme-oaep.ts";
import { decodeEmePkcs1, LEAST_FILL_BYTES } from "../../rsa/eme-pkcs1.ts";
import type { Decoding } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Mechanism } from "../rpc/rpc-reader.ts";
import { oaepForm } from "./rsa-parameters.ts";

/** What stands in for messages (eme-pkcs1.ts) is made with it, as long as this program runs. */
const STAND_IN_SECRET = randomBytes(32);

/** @throws CkError CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_KEY_SIZE_RANGE */
export function decodingOf(mechanism: Mechanism, blockBytes: number): Decoding {
  if (mechanism.type === ck.CKM_RSA_PKCS_OAEP) {
    const form = oaepForm(mechanism);
    const mostBytes = longestOaepMessage(form, blockBytes);
    if (mostBytes < 0) throw new CkError(ck.CKR_KEY_SIZE_RANGE);
    return { mostBytes, decode: (block) => decodeEmeOaep(form, block) };
  }
  if (mechanism.type !== ck.CKM_RSA_PKCS) throw new CkError(ck.CKR_MECHANISM_INVALID);
  if (mechanism.hasParameter) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  return { mostBytes: blockBytes - LEAST_FILL_BYTES, decode: (block, ciphertext) => decodeEmePkcs1(block, ciphertext, STAND_IN_SECRET) };
}

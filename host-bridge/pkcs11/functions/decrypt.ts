// PKCS#11 2.40 §5.9: decrypting, in one part, with the RSA keys of cards that have some (9D and the retired keys).

import { equalBytes } from "../../../protocol/bytes.ts";
import { applyPublicKey } from "../../rsa/rsa-public-key.ts";
import { MalformedAnswerError } from "../../token/malformed-answer.ts";
import type { Application, Session } from "../application/application.ts";
import { keyObject } from "../application/key-object.ts";
import { useKey } from "../application/key-use.ts";
import type { DecryptingOperation } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { bytesAt, mechanismAt, numberAt, roomAt } from "./arguments.ts";
import { hasRsa } from "./mechanisms.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import { decodingOf } from "./rsa-decryption.ts";

const decryptInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    application.endKeyOperation(session, "decrypting");
    return [];
  }
  // As for C_SignInit: one that nobody gave the PIN for does not stand in the way.
  const before = session.decrypting;
  if (before !== null && (!before.key.alwaysAuthenticate || before.context !== null)) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  application.endKeyOperation(session, "decrypting");
  if (!hasRsa(session.slot)) throw new CkError(ck.CKR_FUNCTION_NOT_SUPPORTED);
  const { key } = keyObject(application, session, numberAt(args, 2), ck.CKO_PRIVATE_KEY, ck.CKA_DECRYPT);
  if (key?.kind !== "rsa") throw new CkError(ck.CKR_KEY_TYPE_INCONSISTENT);
  session.decrypting = { key, context: null, decoding: decodingOf(mechanism, key.publicKey.modulus.length) };
  session.begunLast = "decrypting";
  return [];
};

/**
 * What the card gave is decoded when the public key turns it into the ciphertext again, which no padding has a part in. Something else would come out as a
 * message like any other (eme-pkcs1.ts): of a certificate that is another key's, of a fault, of another program whose answer came into this one.
 * @throws CkError CKR_ENCRYPTED_DATA_INVALID; MalformedAnswerError
 */
async function decrypted(
  application: Application,
  session: Session,
  operation: DecryptingOperation,
  ciphertext: Uint8Array,
): Promise<Uint8Array> {
  const { key, context, decoding } = operation;
  const { slot, algorithm, publicKey } = key;
  const block = await useKey(application, session, { key, context, flag: ck.CKF_DECRYPT }, (client, options) =>
    client.applyRsaKey(slot, ciphertext, { ...options, algorithm }),
  );
  try {
    const again = applyPublicKey(publicKey, block);
    if (again === null || !equalBytes(again, ciphertext)) throw new MalformedAnswerError("an RSA decryption that is not the key's");
    const message = decoding.decode(block, ciphertext);
    if (message === null) throw new CkError(ck.CKR_ENCRYPTED_DATA_INVALID);
    return message;
  } finally {
    block.fill(0);
  }
}

/**
 * Who gives less room than the longest message may need is told that length, whatever the message's own is: nothing is asked of the card for it. Anything
 * else ends the operation.
 */
const decrypt: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = session.decrypting;
  if (operation === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  const { mostBytes } = operation.decoding;
  if (roomAt(args, 2) < mostBytes) return [{ lengthOnly: mostBytes }];
  const ciphertext = bytesAt(args, 1);
  const { publicKey } = operation.key;
  const refuse = (rv: number): never => {
    application.endKeyOperation(session, "decrypting");
    throw new CkError(rv);
  };
  if (ciphertext.length !== publicKey.modulus.length) refuse(ck.CKR_ENCRYPTED_DATA_LEN_RANGE);
  if (Buffer.compare(ciphertext, publicKey.modulus) >= 0) refuse(ck.CKR_ENCRYPTED_DATA_INVALID);
  session.decrypting = null;
  return [await decrypted(application, session, operation, ciphertext)];
};

export const decryptFunctions: Record<string, PkcsFunction> = { C_DecryptInit: decryptInit, C_Decrypt: decrypt };

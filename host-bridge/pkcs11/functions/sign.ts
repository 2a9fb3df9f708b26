// PKCS#11 2.40 §5.11: signing, in one part or in several. CKM_ECDSA: the data is a digest, and comes in one part (2.40 Current Mechanisms
// table 29); CKM_ECDSA_SHA…: the bridge digests the data. The signature is r ‖ s (§2.3.1), and costs the token one exchange either way.

import { createHash } from "node:crypto";
import { concatBytes } from "../../../protocol/bytes.ts";
import { answerTlv, answerTlvs } from "../../token/malformed-answer.ts";
import type { Application, Session } from "../application/application.ts";
import { keyObject } from "../application/key-object.ts";
import { useKey } from "../application/key-use.ts";
import type { SigningOperation } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Result } from "../rpc/rpc-writer.ts";
import { bytesAt, mechanismAt, numberAt, roomAt } from "./arguments.ts";
import { digestOf, SIGNATURE_DIGESTS } from "./mechanisms.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

const SEQUENCE = 0x30;
/** A digest of SHA-512; longer data is no digest. */
export const MAX_DIGEST_BYTES = 64;

/** Ecdsa-Sig-Value (DER) → r ‖ s, `fieldBytes` each. */
export function rawSignature(der: Uint8Array, fieldBytes: number): Uint8Array {
  const integers = answerTlvs(answerTlv(der, SEQUENCE)).map(({ value }) => {
    const fixed = new Uint8Array(fieldBytes);
    const digits = value.length > fieldBytes ? value.subarray(value.length - fieldBytes) : value;
    fixed.set(digits, fieldBytes - digits.length);
    return fixed;
  });
  return concatBytes(integers);
}

/**
 * Nobody gave the PIN that this operation waits for. OpenSSH and libp11 leave it so when their user gives none, and know no C_SessionCancel: the
 * next C_SignInit takes its place, or the session could sign nothing any more.
 */
const isGivenUp = ({ key, context, isMultiPart }: SigningOperation): boolean => key.alwaysAuthenticate && context === null && !isMultiPart;

const signInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    application.endSigning(session);
    return [];
  }
  if (session.signing !== null && !isGivenUp(session.signing)) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  application.endSigning(session);
  const digest = digestOf(mechanism, SIGNATURE_DIGESTS);
  const { key } = keyObject(application, session, numberAt(args, 2), ck.CKO_PRIVATE_KEY, ck.CKA_SIGN);
  if (key === undefined) throw new CkError(ck.CKR_KEY_HANDLE_INVALID);
  session.signing = { key, context: null, hash: digest === null ? null : createHash(digest), isMultiPart: false };
  return [];
};

function signing(session: Session): SigningOperation {
  if (session.signing === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  return session.signing;
}

/** Ends the operation, and says why. */
function refuse(application: Application, session: Session, rv: number): never {
  application.endSigning(session);
  throw new CkError(rv);
}

/** Ends the operation, however it turns out: after a failure the application begins again with C_SignInit. */
async function finish(application: Application, session: Session, operation: SigningOperation, digest: Uint8Array): Promise<Result[]> {
  session.signing = null;
  const { key, context } = operation;
  const { fieldBytes, id: algorithm } = key.algorithm;
  // Of a longer digest the leftmost bits count (FIPS 186-5 §6.4.1).
  const counting = digest.subarray(0, fieldBytes);
  const der = await useKey(application, session, { key, context, flag: ck.CKF_SIGN }, (client, options) =>
    client.sign(key.slot, counting, { ...options, algorithm }),
  );
  return [rawSignature(der, fieldBytes)];
}

const sign: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = signing(session);
  // «C_Sign cannot be used to terminate a multi-part operation» (§5.11); asking it for the length is no exception.
  if (operation.isMultiPart) refuse(application, session, ck.CKR_OPERATION_ACTIVE);
  const lengthBytes = 2 * operation.key.algorithm.fieldBytes;
  // Asking for the length, or giving too little room, does not end the operation (§5.2). Anything else does.
  if (roomAt(args, 2) < lengthBytes) return [{ lengthOnly: lengthBytes }];
  const data = bytesAt(args, 1);
  if (operation.hash !== null) return finish(application, session, operation, operation.hash.update(data).digest());
  if (data.length === 0 || data.length > MAX_DIGEST_BYTES) refuse(application, session, ck.CKR_DATA_LEN_RANGE);
  return finish(application, session, operation, data);
};

const signUpdate: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const { hash } = signing(session);
  // CKM_ECDSA has no operation in several parts that could be under way; SoftHSM answers the same.
  if (hash === null) refuse(application, session, ck.CKR_OPERATION_NOT_INITIALIZED);
  hash.update(bytesAt(args, 1));
  signing(session).isMultiPart = true;
  return [];
};

/** After no C_SignUpdate at all: the signature of no data (3.0 §5.13: «zero or more times»). */
const signFinal: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = signing(session);
  if (operation.hash === null) refuse(application, session, ck.CKR_OPERATION_NOT_INITIALIZED);
  const lengthBytes = 2 * operation.key.algorithm.fieldBytes;
  if (roomAt(args, 1) < lengthBytes) return [{ lengthOnly: lengthBytes }];
  return finish(application, session, operation, operation.hash.digest());
};

export const signFunctions: Record<string, PkcsFunction> = {
  C_SignInit: signInit,
  C_Sign: sign,
  C_SignUpdate: signUpdate,
  C_SignFinal: signFinal,
};

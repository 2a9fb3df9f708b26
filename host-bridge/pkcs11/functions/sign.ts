// PKCS#11 2.40 §5.11: signing, in one part or in several. CKM_ECDSA: the data is a digest, and comes in one part (2.40 Current Mechanisms
// table 29), and so for CKM_RSA_PKCS and CKM_RSA_PKCS_PSS; CKM_…_SHA…: the bridge digests the data. A signature costs the token one exchange either way.

import { createHash } from "node:crypto";
import type { Application, Session } from "../application/application.ts";
import { keyObject } from "../application/key-object.ts";
import { useKey } from "../application/key-use.ts";
import type { SigningOperation } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Result } from "../rpc/rpc-writer.ts";
import { bytesAt, mechanismAt, numberAt, roomAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import { signatureMaking, signatureScheme } from "./signature-scheme.ts";

/**
 * Nobody gave the PIN that this operation waits for. OpenSSH and libp11 leave it so when their user gives none, and know no C_SessionCancel: the
 * next C_SignInit takes its place, or the session could sign nothing any more.
 */
const isGivenUp = ({ key, context, isMultiPart }: SigningOperation): boolean => key.alwaysAuthenticate && context === null && !isMultiPart;

const signInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    application.endKeyOperation(session, "signing");
    return [];
  }
  if (session.signing !== null && !isGivenUp(session.signing)) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  application.endKeyOperation(session, "signing");
  const scheme = signatureScheme(mechanism, session.slot);
  const { key } = keyObject(application, session, numberAt(args, 2), ck.CKO_PRIVATE_KEY, ck.CKA_SIGN);
  if (key === undefined) throw new CkError(ck.CKR_KEY_HANDLE_INVALID);
  const hash = scheme.digest === null ? null : createHash(scheme.digest);
  session.signing = { key, context: null, making: signatureMaking(scheme, key), hash, isMultiPart: false };
  session.begunLast = "signing";
  return [];
};

function signing(session: Session): SigningOperation {
  if (session.signing === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  return session.signing;
}

/** Ends the operation, and says why. */
function refuse(application: Application, session: Session, rv: number): never {
  application.endKeyOperation(session, "signing");
  throw new CkError(rv);
}

/** Ends the operation, however it turns out: after a failure the application begins again with C_SignInit. */
async function finish(application: Application, session: Session, operation: SigningOperation, value: Uint8Array): Promise<Result[]> {
  session.signing = null;
  const { key, context, making } = operation;
  const signature = await useKey(application, session, { key, context, flag: ck.CKF_SIGN }, (client, options) =>
    making.sign(client, options, value),
  );
  return [signature];
}

const sign: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = signing(session);
  // «C_Sign cannot be used to terminate a multi-part operation» (§5.11); asking it for the length is no exception.
  if (operation.isMultiPart) refuse(application, session, ck.CKR_OPERATION_ACTIVE);
  const lengthBytes = operation.making.signatureBytes;
  // Asking for the length, or giving too little room, does not end the operation (§5.2). Anything else does.
  if (roomAt(args, 2) < lengthBytes) return [{ lengthOnly: lengthBytes }];
  const data = bytesAt(args, 1);
  if (operation.hash !== null) return finish(application, session, operation, operation.hash.update(data).digest());
  if (!operation.making.takes(data.length)) refuse(application, session, ck.CKR_DATA_LEN_RANGE);
  return finish(application, session, operation, data);
};

const signUpdate: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const { hash } = signing(session);
  // CKM_ECDSA and its like have no operation in several parts that could be under way; SoftHSM answers the same.
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
  const lengthBytes = operation.making.signatureBytes;
  if (roomAt(args, 1) < lengthBytes) return [{ lengthOnly: lengthBytes }];
  return finish(application, session, operation, operation.hash.digest());
};

export const signFunctions: Record<string, PkcsFunction> = {
  C_SignInit: signInit,
  C_Sign: sign,
  C_SignUpdate: signUpdate,
  C_SignFinal: signFinal,
};

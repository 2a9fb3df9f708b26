// PKCS#11 2.40 §5.12: verifying, which needs no secret and so no token: the bridge does it, with public keys of the token and of the session.

import type { Session } from "../application/application.ts";
import { keyObject } from "../application/key-object.ts";
import type { VerifyingOperation } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Result } from "../rpc/rpc-writer.ts";
import { bytesAt, mechanismAt, numberAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import { signatureJudge, signatureScheme } from "./signature-scheme.ts";

const NO_BYTES = new Uint8Array(0);

const verifyInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    session.verifying = null;
    return [];
  }
  if (session.verifying !== null) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  const scheme = signatureScheme(mechanism, session.slot);
  const judge = signatureJudge(scheme, keyObject(application, session, numberAt(args, 2), ck.CKO_PUBLIC_KEY, ck.CKA_VERIFY));
  session.verifying = { judge, isMultiPart: false };
  return [];
};

function verifying(session: Session): VerifyingOperation {
  if (session.verifying === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  return session.verifying;
}

/** @param data of a mechanism that digests, those that it has not had yet */
function judged({ judge }: VerifyingOperation, data: Uint8Array, signature: Uint8Array): Result[] {
  if (signature.length !== judge.signatureBytes) throw new CkError(ck.CKR_SIGNATURE_LEN_RANGE);
  if (judge.update === null && !judge.takes(data.length)) throw new CkError(ck.CKR_DATA_LEN_RANGE);
  judge.update?.(data);
  if (!judge.isValid(data, signature)) throw new CkError(ck.CKR_SIGNATURE_INVALID);
  return [];
}

/** Ends the operation, however it turns out. */
const verify: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = verifying(session);
  session.verifying = null;
  if (operation.isMultiPart) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  return judged(operation, bytesAt(args, 1), bytesAt(args, 2));
};

const verifyUpdate: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = verifying(session);
  if (operation.judge.update === null) {
    session.verifying = null; // as C_SignUpdate
    throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  }
  operation.judge.update(bytesAt(args, 1));
  operation.isMultiPart = true;
  return [];
};

/** Ends the operation, however it turns out. */
const verifyFinal: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = verifying(session);
  session.verifying = null;
  if (operation.judge.update === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  return judged(operation, NO_BYTES, bytesAt(args, 1));
};

export const verifyFunctions: Record<string, PkcsFunction> = {
  C_VerifyInit: verifyInit,
  C_Verify: verify,
  C_VerifyUpdate: verifyUpdate,
  C_VerifyFinal: verifyFinal,
};

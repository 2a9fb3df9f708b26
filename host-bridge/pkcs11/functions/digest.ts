// PKCS#11 2.40 §5.10: digests, which the bridge takes itself.

import { createHash } from "node:crypto";
import type { Session } from "../application/application.ts";
import { keyObject } from "../application/key-object.ts";
import type { DigestingOperation } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { isTrue } from "../objects/token-object.ts";
import type { Result } from "../rpc/rpc-writer.ts";
import { bytesAt, mechanismAt, numberAt, roomAt } from "./arguments.ts";
import { DIGEST_BYTES, DIGESTS, digestOf } from "./mechanisms.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

const digestInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    session.digesting = null;
    return [];
  }
  if (session.digesting !== null) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  const name = digestOf(mechanism, DIGESTS);
  session.digesting = { hash: createHash(name), lengthBytes: DIGEST_BYTES.get(name) ?? 0, kind: null };
  return [];
};

/**
 * The operation that a function of `kind` goes on with. «C_Digest cannot be used to terminate a multi-part operation» (§5.10), nor do the
 * others go on with one that C_Digest has begun: as a wrong C_Sign, that ends it.
 */
function digesting(session: Session, kind: "one part" | "parts"): DigestingOperation {
  const operation = session.digesting;
  if (operation === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  if (operation.kind !== null && operation.kind !== kind) {
    session.digesting = null;
    throw new CkError(ck.CKR_OPERATION_ACTIVE);
  }
  return operation;
}

function finish(session: Session, { hash }: DigestingOperation): Result[] {
  session.digesting = null;
  return [hash.digest()];
}

const digest: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = digesting(session, "one part");
  operation.kind = "one part";
  if (roomAt(args, 2) < operation.lengthBytes) return [{ lengthOnly: operation.lengthBytes }];
  operation.hash.update(bytesAt(args, 1));
  return finish(session, operation);
};

const digestUpdate: PkcsFunction = (application, args) => {
  const operation = digesting(application.session(numberAt(args, 0)), "parts");
  operation.hash.update(bytesAt(args, 1));
  operation.kind = "parts";
  return [];
};

/** The value of a secret key of the session, in the data's place. A refusal does not end the operation. */
const digestKey: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = digesting(session, "parts");
  const key = keyObject(application, session, numberAt(args, 1), null, null);
  const value = isTrue(key, ck.CKA_EXTRACTABLE) ? key.attributes.get(ck.CKA_VALUE) : undefined;
  // Keys of the token, public keys, and what may not leave the bridge in any form.
  if (value === undefined) throw new CkError(ck.CKR_KEY_INDIGESTIBLE);
  operation.hash.update(value);
  operation.kind = "parts";
  return [];
};

const digestFinal: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = digesting(session, "parts");
  if (roomAt(args, 1) < operation.lengthBytes) return [{ lengthOnly: operation.lengthBytes }];
  return finish(session, operation);
};

export const digestFunctions: Record<string, PkcsFunction> = {
  C_DigestInit: digestInit,
  C_Digest: digest,
  C_DigestUpdate: digestUpdate,
  C_DigestKey: digestKey,
  C_DigestFinal: digestFinal,
};

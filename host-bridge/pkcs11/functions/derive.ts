// PKCS#11 2.40 §5.15 C_DeriveKey, with CKM_ECDH1_DERIVE (Current Mechanisms §2.3.9): the token agrees on a secret with the other side's public
// key, the secret becomes a key of the session.

import type { Application } from "../application/application.ts";
import { keyObject } from "../application/key-object.ts";
import { useKey } from "../application/key-use.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { derivedKey, planDerivedKey } from "../objects/derived-key.ts";
import { uncompressedPoint } from "../objects/ec-point.ts";
import type { Argument, EcdhParameters, Mechanism } from "../rpc/rpc-reader.ts";
import { mechanismAt, numberAt, templateAt } from "./arguments.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

/** @throws CkError CKR_MECHANISM_INVALID; CKR_MECHANISM_PARAM_INVALID: none, another function than CKD_NULL, shared data (which CKD_NULL has none of) */
function ecdhOf(mechanism: Mechanism | null): EcdhParameters {
  if (mechanism?.type !== ck.CKM_ECDH1_DERIVE) throw new CkError(ck.CKR_MECHANISM_INVALID);
  const { ecdh } = mechanism;
  if (ecdh === undefined || ecdh.kdf !== ck.CKD_NULL || ecdh.sharedData.length > 0) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  return ecdh;
}

/** @returns the new key's handle */
async function derive(application: Application, args: readonly Argument[]): Promise<number> {
  const session = application.session(numberAt(args, 0));
  const { publicData } = ecdhOf(mechanismAt(args, 1));
  const { key, isPrivate } = keyObject(application, session, numberAt(args, 2), ck.CKO_PRIVATE_KEY, ck.CKA_DERIVE);
  if (key?.kind !== "ec") throw new CkError(ck.CKR_KEY_HANDLE_INVALID);
  const { fieldBytes, id: algorithm } = key.algorithm;
  const point = uncompressedPoint(publicData, fieldBytes);
  if (point === null) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  const plan = planDerivedKey(templateAt(args, 3), fieldBytes, isPrivate);
  const login = application.login(session.slot);
  if (plan.isPrivate && login === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
  const secret = await useKey(application, session, { key, context: null, flag: ck.CKF_DERIVE }, (client, options) =>
    client.agreeOnKey(key.slot, point, { ...options, algorithm }),
  );
  try {
    if (!application.isOpen(session)) throw new CkError(ck.CKR_SESSION_CLOSED);
    // Logged out meanwhile: private objects went then, and this one would have.
    if (plan.isPrivate && application.login(session.slot) !== login) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
    return application.addSessionObject(session, derivedKey(plan, secret));
  } finally {
    secret.fill(0);
  }
}

export const deriveFunctions: Record<string, PkcsFunction> = {
  C_DeriveKey: async (application, args) => [await derive(application, args)],
  /** p11-kit's clients of version 2: the CKR once more, and what became of the mechanism's parameters (nothing) before the handle. */
  C_DeriveKey2: async (application, args) => [ck.CKR_OK, 0, await derive(application, args)],
};

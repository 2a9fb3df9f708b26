// PKCS#11 2.40 §5.12: verifying, which needs no secret and so no token: the bridge does it, with public keys of the token and of the session.

import { createVerify, type Verify } from "node:crypto";
import type { ECDSA } from "@noble/curves/abstract/weierstrass.js";
import { p256, p384 } from "@noble/curves/nist.js";
import { publicKeyOf } from "../../token/ec-public-key.ts";
import type { Session } from "../application/application.ts";
import { keyObject, ulongOf } from "../application/key-object.ts";
import type { VerifyingOperation } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { ecAlgorithmOn } from "../objects/ec-algorithm.ts";
import { uncompressedPoint } from "../objects/ec-point.ts";
import type { TokenObject } from "../objects/token-object.ts";
import type { Result } from "../rpc/rpc-writer.ts";
import { bytesAt, mechanismAt, numberAt } from "./arguments.ts";
import { digestOf, SIGNATURE_DIGESTS } from "./mechanisms.ts";
import type { PkcsFunction } from "./pkcs-function.ts";
import { MAX_DIGEST_BYTES } from "./sign.ts";

/** For a digest that is there already, which node:crypto cannot verify; by the length of the field. */
const CURVES: ReadonlyMap<number, ECDSA> = new Map([
  [32, p256],
  [48, p384],
]);

const NO_BYTES = new Uint8Array(0);

/** @throws CkError CKR_KEY_TYPE_INCONSISTENT when it is no key of P-256 or P-384, or its point is none */
function pointOf(key: TokenObject): Uint8Array {
  const algorithm = ulongOf(key, ck.CKA_KEY_TYPE) === ck.CKK_EC ? ecAlgorithmOn(key.attributes.get(ck.CKA_EC_PARAMS) ?? NO_BYTES) : null;
  const point = algorithm === null ? null : uncompressedPoint(key.attributes.get(ck.CKA_EC_POINT) ?? NO_BYTES, algorithm.fieldBytes);
  if (point === null) throw new CkError(ck.CKR_KEY_TYPE_INCONSISTENT);
  return point;
}

const verifyInit: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const mechanism = mechanismAt(args, 1);
  if (mechanism === null) {
    session.verifying = null;
    return [];
  }
  if (session.verifying !== null) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  const digest = digestOf(mechanism, SIGNATURE_DIGESTS);
  const point = pointOf(keyObject(application, session, numberAt(args, 2), ck.CKO_PUBLIC_KEY, ck.CKA_VERIFY));
  session.verifying = { point, verifier: digest === null ? null : createVerify(digest), isMultiPart: false };
  return [];
};

function verifying(session: Session): VerifyingOperation {
  if (session.verifying === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  return session.verifying;
}

/** CKM_ECDSA: of a digest longer than the field the leftmost bits count (FIPS 186-5 §6.4.2). */
function isOfDigest(point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  if (digest.length === 0 || digest.length > MAX_DIGEST_BYTES) throw new CkError(ck.CKR_DATA_LEN_RANGE);
  const curve = CURVES.get(signature.length / 2);
  const options = { prehash: false, lowS: false, format: "compact" } as const;
  return curve?.verify(signature, digest.subarray(0, signature.length / 2), point, options) === true;
}

function isOfData(point: Uint8Array, verifier: Verify, signature: Uint8Array): boolean {
  const key = publicKeyOf(point);
  return key !== null && verifier.verify({ key, dsaEncoding: "ieee-p1363" }, signature);
}

/** @param digest CKM_ECDSA's data; with another mechanism the verifier has had it */
function judge({ point, verifier }: VerifyingOperation, digest: Uint8Array, signature: Uint8Array): Result[] {
  if (signature.length !== point.length - 1) throw new CkError(ck.CKR_SIGNATURE_LEN_RANGE);
  const isValid = verifier === null ? isOfDigest(point, digest, signature) : isOfData(point, verifier, signature);
  if (!isValid) throw new CkError(ck.CKR_SIGNATURE_INVALID);
  return [];
}

/** Ends the operation, however it turns out. */
const verify: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = verifying(session);
  session.verifying = null;
  if (operation.isMultiPart) throw new CkError(ck.CKR_OPERATION_ACTIVE);
  const data = bytesAt(args, 1);
  operation.verifier?.update(data);
  return judge(operation, data, bytesAt(args, 2));
};

const verifyUpdate: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = verifying(session);
  if (operation.verifier === null) {
    session.verifying = null; // as C_SignUpdate
    throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  }
  operation.verifier.update(bytesAt(args, 1));
  operation.isMultiPart = true;
  return [];
};

/** Ends the operation, however it turns out. */
const verifyFinal: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const operation = verifying(session);
  session.verifying = null;
  if (operation.verifier === null) throw new CkError(ck.CKR_OPERATION_NOT_INITIALIZED);
  return judge(operation, NO_BYTES, bytesAt(args, 1));
};

export const verifyFunctions: Record<string, PkcsFunction> = {
  C_VerifyInit: verifyInit,
  C_Verify: verify,
  C_VerifyUpdate: verifyUpdate,
  C_VerifyFinal: verifyFinal,
};

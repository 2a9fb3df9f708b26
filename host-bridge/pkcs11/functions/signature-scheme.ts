// The mechanisms of signatures: which digest, which kind of key, and what makes or judges a signature with such a key.

import { rsaPublicKey } from "../../rsa/rsa-public-key.ts";
import { ulongOf } from "../application/key-object.ts";
import type { SignatureJudge, SignatureMaking } from "../application/operations.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { ecAlgorithmOn } from "../objects/ec-algorithm.ts";
import { uncompressedPoint } from "../objects/ec-point.ts";
import type { TokenKey, TokenObject } from "../objects/token-object.ts";
import type { Mechanism } from "../rpc/rpc-reader.ts";
import type { Slot } from "../slots/slot.ts";
import { ecJudge, ecMaking } from "./ec-signatures.ts";
import { digestOf, hasRsa, SIGNATURE_DIGESTS } from "./mechanisms.ts";
import { type RsaSignatureScheme, rsaSignatureScheme } from "./rsa-parameters.ts";
import { rsaJudge, rsaMaking } from "./rsa-signatures.ts";

const NO_BYTES = new Uint8Array(0);

interface EcSignatureScheme {
  readonly kind: "ec";
  /** Node's name; null: the data are a digest (CKM_ECDSA). */
  readonly digest: string | null;
}

export type SignatureScheme = EcSignatureScheme | RsaSignatureScheme;

/** @throws CkError CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID */
export function signatureScheme(mechanism: Mechanism, slot: Slot): SignatureScheme {
  if (SIGNATURE_DIGESTS.has(mechanism.type)) return { kind: "ec", digest: digestOf(mechanism, SIGNATURE_DIGESTS) };
  if (!hasRsa(slot)) throw new CkError(ck.CKR_MECHANISM_INVALID);
  return rsaSignatureScheme(mechanism);
}

/** A key that is too short for the digest and the salt is known before the data. @throws CkError CKR_KEY_SIZE_RANGE */
function checkKeySize<T extends SignatureMaking | SignatureJudge>(work: T, { valueBytes }: RsaSignatureScheme): T {
  if (valueBytes !== null && !work.takes(valueBytes)) throw new CkError(ck.CKR_KEY_SIZE_RANGE);
  return work;
}

/** @throws CkError CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_SIZE_RANGE */
export function signatureMaking(scheme: SignatureScheme, key: TokenKey): SignatureMaking {
  if (scheme.kind === "ec" && key.kind === "ec") return ecMaking(key);
  if (scheme.kind === "rsa" && key.kind === "rsa") return checkKeySize(rsaMaking(key, scheme.padding), scheme);
  throw new CkError(ck.CKR_KEY_TYPE_INCONSISTENT);
}

/** @param key of CKO_PUBLIC_KEY @throws CkError CKR_KEY_TYPE_INCONSISTENT: also when what it is made of is no key; CKR_KEY_SIZE_RANGE */
export function signatureJudge(scheme: SignatureScheme, key: TokenObject): SignatureJudge {
  const bytes = (type: number): Uint8Array => key.attributes.get(type) ?? NO_BYTES;
  const keyType = ulongOf(key, ck.CKA_KEY_TYPE);
  if (scheme.kind === "ec" && keyType === ck.CKK_EC) {
    const algorithm = ecAlgorithmOn(bytes(ck.CKA_EC_PARAMS));
    const point = algorithm === null ? null : uncompressedPoint(bytes(ck.CKA_EC_POINT), algorithm.fieldBytes);
    if (point !== null) return ecJudge(point, scheme.digest);
  }
  if (scheme.kind === "rsa" && keyType === ck.CKK_RSA) {
    const publicKey = rsaPublicKey(bytes(ck.CKA_MODULUS), bytes(ck.CKA_PUBLIC_EXPONENT));
    if (publicKey !== null) return checkKeySize(rsaJudge(publicKey, scheme.padding, scheme.digest), scheme);
  }
  throw new CkError(ck.CKR_KEY_TYPE_INCONSISTENT);
}

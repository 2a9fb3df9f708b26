// The mechanisms that the bridge offers, each with what C_GetMechanismInfo tells of it. Keys are used on the token; digests, and the
// verification of signatures, which needs no secret, are the bridge's own work.

import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { LARGEST_CURVE_BITS, SMALLEST_CURVE_BITS } from "../objects/ec-algorithm.ts";
import type { Mechanism } from "../rpc/rpc-reader.ts";
import type { Slot } from "../slots/slot.ts";

export interface MechanismInfo {
  /** In bits; 0 for digests. */
  readonly smallestKey: number;
  readonly largestKey: number;
  /** CKF_*. */
  readonly flags: number;
}

const CURVES = ck.CKF_EC_F_P | ck.CKF_EC_NAMEDCURVE | ck.CKF_EC_UNCOMPRESS;

const onCurves = (flags: number): MechanismInfo => ({
  smallestKey: SMALLEST_CURVE_BITS,
  largestKey: LARGEST_CURVE_BITS,
  flags: flags | CURVES,
});
const DIGEST: MechanismInfo = { smallestKey: 0, largestKey: 0, flags: ck.CKF_DIGEST };

const MECHANISMS: ReadonlyMap<number, MechanismInfo> = new Map([
  [ck.CKM_ECDSA, onCurves(ck.CKF_HW | ck.CKF_SIGN | ck.CKF_VERIFY)],
  [ck.CKM_ECDSA_SHA224, onCurves(ck.CKF_HW | ck.CKF_SIGN | ck.CKF_VERIFY)],
  [ck.CKM_ECDSA_SHA256, onCurves(ck.CKF_HW | ck.CKF_SIGN | ck.CKF_VERIFY)],
  [ck.CKM_ECDSA_SHA384, onCurves(ck.CKF_HW | ck.CKF_SIGN | ck.CKF_VERIFY)],
  [ck.CKM_ECDSA_SHA512, onCurves(ck.CKF_HW | ck.CKF_SIGN | ck.CKF_VERIFY)],
  [ck.CKM_ECDH1_DERIVE, onCurves(ck.CKF_HW | ck.CKF_DERIVE)],
  [ck.CKM_EC_KEY_PAIR_GEN, onCurves(ck.CKF_HW | ck.CKF_GENERATE_KEY_PAIR)],
  [ck.CKM_SHA224, DIGEST],
  [ck.CKM_SHA256, DIGEST],
  [ck.CKM_SHA384, DIGEST],
  [ck.CKM_SHA512, DIGEST],
]);

const ofRsa = (flags: number): MechanismInfo => ({ smallestKey: 1024, largestKey: 4096, flags: flags | ck.CKF_HW });
const RSA_SIGNATURES = ofRsa(ck.CKF_SIGN | ck.CKF_VERIFY);

/** Of cards that may have RSA keys. Keys of 1024 bits are used where they are, and not made. */
const MECHANISMS_WITH_RSA: ReadonlyMap<number, MechanismInfo> = new Map([
  ...MECHANISMS,
  [ck.CKM_RSA_PKCS, ofRsa(ck.CKF_SIGN | ck.CKF_VERIFY | ck.CKF_DECRYPT)],
  [ck.CKM_SHA1_RSA_PKCS, RSA_SIGNATURES],
  [ck.CKM_SHA256_RSA_PKCS, RSA_SIGNATURES],
  [ck.CKM_SHA384_RSA_PKCS, RSA_SIGNATURES],
  [ck.CKM_SHA512_RSA_PKCS, RSA_SIGNATURES],
  [ck.CKM_RSA_PKCS_PSS, RSA_SIGNATURES],
  [ck.CKM_SHA256_RSA_PKCS_PSS, RSA_SIGNATURES],
  [ck.CKM_SHA384_RSA_PKCS_PSS, RSA_SIGNATURES],
  [ck.CKM_SHA512_RSA_PKCS_PSS, RSA_SIGNATURES],
  [ck.CKM_RSA_PKCS_OAEP, ofRsa(ck.CKF_DECRYPT)],
  [ck.CKM_RSA_PKCS_KEY_PAIR_GEN, { ...ofRsa(ck.CKF_GENERATE_KEY_PAIR), smallestKey: 2048 }],
]);

/** Whether keys in this slot may be RSA: a token of ours has none. */
export const hasRsa = ({ info }: Slot): boolean => info.isPlainCard === true;

export const mechanismsOf = (slot: Slot): ReadonlyMap<number, MechanismInfo> => (hasRsa(slot) ? MECHANISMS_WITH_RSA : MECHANISMS);

/** The digest (node's name) that a mechanism of ECDSA signatures takes of its data; null: CKM_ECDSA, whose data is the digest; undefined: no such mechanism. */
export const SIGNATURE_DIGESTS: ReadonlyMap<number, string | null> = new Map([
  [ck.CKM_ECDSA, null],
  [ck.CKM_ECDSA_SHA224, "sha224"],
  [ck.CKM_ECDSA_SHA256, "sha256"],
  [ck.CKM_ECDSA_SHA384, "sha384"],
  [ck.CKM_ECDSA_SHA512, "sha512"],
]);

/** Mechanisms of C_DigestInit, with node's names. */
export const DIGESTS: ReadonlyMap<number, string> = new Map([
  [ck.CKM_SHA224, "sha224"],
  [ck.CKM_SHA256, "sha256"],
  [ck.CKM_SHA384, "sha384"],
  [ck.CKM_SHA512, "sha512"],
]);

/** Lengths of the digests, by node's names. */
export const DIGEST_BYTES: ReadonlyMap<string, number> = new Map([
  ["sha224", 28],
  ["sha256", 32],
  ["sha384", 48],
  ["sha512", 64],
]);

/**
 * What `digests` has for a mechanism that takes no parameter.
 * @throws CkError CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID
 */
export function digestOf<T>({ type, hasParameter }: Mechanism, digests: ReadonlyMap<number, T>): T {
  const digest = digests.get(type);
  if (digest === undefined) throw new CkError(ck.CKR_MECHANISM_INVALID);
  if (hasParameter) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  return digest;
}

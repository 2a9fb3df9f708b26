// The mechanisms that the bridge offers, each with what C_GetMechanismInfo tells of it. Keys are used on the token; digests, and the
// verification of signatures, which needs no secret, are the bridge's own work.

import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { LARGEST_CURVE_BITS, SMALLEST_CURVE_BITS } from "../objects/ec-algorithm.ts";
import type { Mechanism } from "../rpc/rpc-reader.ts";

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

export const MECHANISMS: ReadonlyMap<number, MechanismInfo> = new Map([
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

/** The digest (node's name) that a mechanism of signatures takes of its data; null: CKM_ECDSA, whose data is the digest; undefined: no such mechanism. */
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

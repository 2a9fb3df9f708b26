// The RSA mechanisms and their parameters, strictly: the digest that the mechanism names, MGF1 over the same digest.

import type { OaepForm } from "../../rsa/eme-oaep.ts";
import { pkcs1Padding } from "../../rsa/emsa-pkcs1.ts";
import { pssPadding } from "../../rsa/emsa-pss.ts";
import { DIGEST_LENGTHS, type RsaDigest } from "../../rsa/rsa-digests.ts";
import type { RsaPadding } from "../../rsa/rsa-padding.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import type { Mechanism } from "../rpc/rpc-reader.ts";

/** By CKM_*, each with the mask that goes with it. */
const DIGESTS: ReadonlyMap<number, { readonly digest: RsaDigest; readonly mgf: number }> = new Map([
  [ck.CKM_SHA_1, { digest: "sha1", mgf: ck.CKG_MGF1_SHA1 }],
  [ck.CKM_SHA256, { digest: "sha256", mgf: ck.CKG_MGF1_SHA256 }],
  [ck.CKM_SHA384, { digest: "sha384", mgf: ck.CKG_MGF1_SHA384 }],
  [ck.CKM_SHA512, { digest: "sha512", mgf: ck.CKG_MGF1_SHA512 }],
]);
/** What a mechanism digests the data with; null: it does not. */
const PKCS1: ReadonlyMap<number, RsaDigest | null> = new Map([
  [ck.CKM_RSA_PKCS, null],
  [ck.CKM_SHA1_RSA_PKCS, "sha1"],
  [ck.CKM_SHA256_RSA_PKCS, "sha256"],
  [ck.CKM_SHA384_RSA_PKCS, "sha384"],
  [ck.CKM_SHA512_RSA_PKCS, "sha512"],
]);
const PSS: ReadonlyMap<number, RsaDigest | null> = new Map([
  [ck.CKM_RSA_PKCS_PSS, null],
  [ck.CKM_SHA256_RSA_PKCS_PSS, "sha256"],
  [ck.CKM_SHA384_RSA_PKCS_PSS, "sha384"],
  [ck.CKM_SHA512_RSA_PKCS_PSS, "sha512"],
]);

export interface RsaSignatureScheme {
  readonly kind: "rsa";
  /** null: the data are what is encoded. */
  readonly digest: RsaDigest | null;
  readonly padding: RsaPadding;
  /** Of what is encoded, where that is known before the data. */
  readonly valueBytes: number | null;
}

/** @throws CkError CKR_MECHANISM_PARAM_INVALID */
function digestAndMgf(hash: number, mgf: number): RsaDigest {
  const known = DIGESTS.get(hash);
  if (known === undefined || known.mgf !== mgf) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  return known.digest;
}

function pssScheme({ type, pss }: Mechanism): RsaSignatureScheme {
  const digest = PSS.get(type) ?? null;
  if (pss === undefined) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  const told = digestAndMgf(pss.hash, pss.mgf);
  if (digest !== null && told !== digest) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  return { kind: "rsa", digest, padding: pssPadding({ digest: told, saltBytes: pss.saltBytes }), valueBytes: DIGEST_LENGTHS[told] };
}

/** @throws CkError CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID */
export function rsaSignatureScheme(mechanism: Mechanism): RsaSignatureScheme {
  if (PSS.has(mechanism.type)) return pssScheme(mechanism);
  const digest = PKCS1.get(mechanism.type);
  if (digest === undefined) throw new CkError(ck.CKR_MECHANISM_INVALID);
  if (mechanism.hasParameter) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  return { kind: "rsa", digest, padding: pkcs1Padding(digest), valueBytes: digest === null ? null : DIGEST_LENGTHS[digest] };
}

/** @throws CkError CKR_MECHANISM_PARAM_INVALID */
export function oaepForm({ oaep }: Mechanism): OaepForm {
  // Without a source there is no label, and one that came would be somebody's mistake.
  const isSource = oaep?.source === ck.CKZ_DATA_SPECIFIED || (oaep?.source === 0 && oaep.label.length === 0);
  if (oaep === undefined || !isSource) throw new CkError(ck.CKR_MECHANISM_PARAM_INVALID);
  return { digest: digestAndMgf(oaep.hash, oaep.mgf), label: oaep.label };
}

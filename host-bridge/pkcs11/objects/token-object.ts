// What an application sees as a PKCS#11 object, wherever it lives: on the token (objects.ts) or in the bridge (session-objects.ts).

import type { RsaPublicKey } from "../../rsa/rsa-public-key.ts";
import { type Attribute, RSA_SENSITIVE_TYPES, SENSITIVE_TYPES } from "../ck/attribute.ts";
import type { EcAlgorithm } from "./ec-algorithm.ts";
import type { NumberedSlot } from "./key-ids.ts";

const ATTRIBUTE_HEAD_BYTES = 16;

interface AnyTokenKey {
  readonly slot: number;
  readonly alwaysAuthenticate: boolean;
}

export interface EcTokenKey extends AnyTokenKey {
  readonly kind: "ec";
  readonly algorithm: EcAlgorithm;
}

/** On PIV cards that are no tokens of ours. */
export interface RsaTokenKey extends AnyTokenKey {
  readonly kind: "rsa";
  /** ALG_RSA_*. */
  readonly algorithm: number;
  readonly publicKey: RsaPublicKey;
}

/** A private key that a token holds. */
export type TokenKey = EcTokenKey | RsaTokenKey;

export interface TokenObject {
  readonly attributes: ReadonlyMap<number, Uint8Array>;
  /** CKA_PRIVATE: seen only when logged in. */
  readonly isPrivate: boolean;
  /** Set for a private key. */
  readonly key?: TokenKey;
  /** Set for a certificate that the token holds: where. */
  readonly certificateOf?: NumberedSlot;
  /** True for a secret key in the bridge that is sensitive or not extractable: what it is made of is used, and never told. */
  readonly isSensitive?: true;
}

/** An attribute that is not there counts as false. */
export const isTrue = ({ attributes }: Pick<TokenObject, "attributes">, type: number): boolean => attributes.get(type)?.[0] === 1;

/** Whether an attribute is there, and not to be told. */
export function isHidden(object: TokenObject, type: number): boolean {
  if (object.key?.kind === "rsa") return RSA_SENSITIVE_TYPES.has(type);
  return (object.key !== undefined || object.isSensitive === true) && SENSITIVE_TYPES.has(type);
}

/** What C_GetObjectSize tells: the bytes of all its attributes, each with its type and length. */
export function sizeBytes({ attributes }: TokenObject): number {
  return [...attributes.values()].reduce((sum, value) => sum + value.length + ATTRIBUTE_HEAD_BYTES, 0);
}

/** True when every attribute of the template has the very value that the object has (PKCS#11 2.40 §5.7 C_FindObjectsInit); a hidden one matches nothing. */
export function matchesTemplate(candidate: TokenObject, template: readonly Attribute[]): boolean {
  return template.every(({ type, value }) => {
    const own = candidate.attributes.get(type);
    return own !== undefined && !isHidden(candidate, type) && Buffer.from(own).equals(value);
  });
}

/** True when the token shows the same object as before: every attribute, CKA_CLASS and CKA_ID among them, has the same bytes. */
function isSameObject(one: TokenObject, other: TokenObject): boolean {
  if (one.attributes.size !== other.attributes.size) return false;
  return matchesTemplate(
    one,
    [...other.attributes].map(([type, value]) => ({ type, value })),
  );
}

/** `now`, with what was there before left in place: applications know an object by its identity. */
export function keepKnownObjects(before: readonly TokenObject[], now: readonly TokenObject[]): TokenObject[] {
  return now.map((candidate) => before.find((known) => isSameObject(known, candidate)) ?? candidate);
}

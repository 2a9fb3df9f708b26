// What the two halves of a key on the token tell of it, by the kind of key.

import { encodeTlv } from "../../../protocol/ber-tlv.ts";
import { modulusBits } from "../../rsa/rsa-public-key.ts";
import { type EcKeyMetadata, type KeyMetadata, publicKeyInfoOf, type RsaKeyMetadata } from "../../token/key-metadata.ts";
import { type Attribute, boolAttribute, bytesAttribute, ulongAttribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import type { EcAlgorithm } from "./ec-algorithm.ts";
import { derives } from "./key-ids.ts";

const OCTET_STRING = 0x04;

export interface KeyAttributes {
  readonly ofBoth: readonly Attribute[];
  readonly ofPublic: readonly Attribute[];
  readonly ofPrivate: readonly Attribute[];
}

/** @param slot where it is */
export function ecAttributes({ publicKey }: EcKeyMetadata, { params }: EcAlgorithm, slot: number): KeyAttributes {
  return {
    ofBoth: [
      ulongAttribute(ck.CKA_KEY_TYPE, ck.CKK_EC),
      bytesAttribute(ck.CKA_EC_PARAMS, params),
      boolAttribute(ck.CKA_DERIVE, derives(slot)),
    ],
    ofPublic: [bytesAttribute(ck.CKA_EC_POINT, encodeTlv(OCTET_STRING, [publicKey]))],
    ofPrivate: [boolAttribute(ck.CKA_DECRYPT, false)],
  };
}

/** @param slot where it is: those of 9D and the retired keys decrypt; all sign, a request for a certificate at least */
export function rsaAttributes({ rsa }: RsaKeyMetadata, slot: number): KeyAttributes {
  return {
    ofBoth: [
      ulongAttribute(ck.CKA_KEY_TYPE, ck.CKK_RSA),
      bytesAttribute(ck.CKA_MODULUS, rsa.modulus),
      bytesAttribute(ck.CKA_PUBLIC_EXPONENT, rsa.publicExponent),
      boolAttribute(ck.CKA_DERIVE, false),
    ],
    ofPublic: [ulongAttribute(ck.CKA_MODULUS_BITS, modulusBits(rsa))],
    ofPrivate: [boolAttribute(ck.CKA_DECRYPT, derives(slot))],
  };
}

/** Where the key is from. What another card does not tell is not claimed. */
export function originAttributes({ kind, isMadeInside }: KeyMetadata): Attribute[] {
  const generation = kind === "ec" ? ck.CKM_EC_KEY_PAIR_GEN : ck.CKM_RSA_PKCS_KEY_PAIR_GEN;
  return [
    boolAttribute(ck.CKA_LOCAL, isMadeInside),
    ulongAttribute(ck.CKA_KEY_GEN_MECHANISM, isMadeInside ? generation : ck.CK_UNAVAILABLE_INFORMATION),
  ];
}

export const publicKeyInfoAttribute = (key: KeyMetadata): Attribute => bytesAttribute(ck.CKA_PUBLIC_KEY_INFO, publicKeyInfoOf(key));

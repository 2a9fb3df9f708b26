// The certificate profiles above an attestation: the root's, and the attestation key's. token/attestation-key.ts expects the latter exactly so.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectKeyIdentifierExtension,
} from "@peculiar/x509";
import { bytesToHex } from "../../protocol/bytes.ts";
import { P256_POINT_BYTES } from "../../protocol/piv.ts";
import { keyIdentifier } from "../token/attestation-key.ts";

export const ROOT_YEARS = 25;

/** Of a P-256 key, which ends in its point. */
const identifierOf = (key: PublicKey): string => bytesToHex(keyIdentifier(new Uint8Array(key.rawData).slice(-P256_POINT_BYTES)));

/** Root: certifies attestation keys, which certify keys, and no further. */
export function rootExtensions(key: PublicKey): Extension[] {
  return [
    new BasicConstraintsExtension(true, 1, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    new SubjectKeyIdentifierExtension(identifierOf(key)),
  ];
}

/** Attestation key: signs attestations, which are certificates, and statements. */
export function attestationKeyExtensions(key: PublicKey, rootKey: PublicKey): Extension[] {
  return [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    new SubjectKeyIdentifierExtension(identifierOf(key)),
    new AuthorityKeyIdentifierExtension(identifierOf(rootKey)),
  ];
}

// The factory step: the attestation key is made on the token, its certificate comes from a root that the factory names, and then both are sealed.

import { encodeTlv, findTlv, parseOneTlv, parseTlvs } from "../protocol/ber-tlv.ts";
import { concatBytes, equalBytes } from "../protocol/bytes.ts";
import {
  ALG_P256,
  BUTTON_POLICY_NEVER,
  OBJECT_ATTESTATION_CERTIFICATE,
  PIN_POLICY_NEVER,
  SLOT_ATTESTATION,
  TAG_CERT_INFO,
  TAG_CERTIFICATE,
  TAG_ERROR_DETECTION,
} from "../protocol/piv.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_NOT_ENOUGH_MEMORY, SW_REFERENCE_NOT_FOUND, SW_WRONG_DATA } from "../protocol/status-words.ts";
import type { Card } from "./card.ts";
import { DER_BIT_STRING, DER_EXTENSIONS, DER_INTEGER, DER_SEQUENCE, DER_VERSION, derElements, derSequence, publicKeyInfo } from "./der.ts";
import { ID_KEY } from "./journal-ids.ts";
import { type KeyAlgorithm, keyAlgorithm } from "./key-algorithm.ts";
import { keyRecordBytes } from "./key-store.ts";
import { SwError } from "./sw-error.ts";

/** What an attestation certificate takes over from the key that signs it, and from that key's own certificate. */
export interface AttestationIssuer {
  /** Name, DER: the certificate's subject. */
  readonly name: Uint8Array;
  /** Validity, DER. */
  readonly validity: Uint8Array;
  /** The key's uncompressed point. */
  readonly point: Uint8Array;
}

/** The attestation key and its certificate are in place, for good. */
export function isSealed(card: Card): boolean {
  return card.objects.read(OBJECT_ATTESTATION_CERTIFICATE) !== null;
}

/** Before the token is anybody's: later nobody may put another attestation key under keys that are there. @throws SwError 6985 */
function requireUnsealed(card: Card): void {
  const isNew = !card.profile.isStrict || (card.pin.isFactory() && card.puk.isFactory() && card.managementKey.isFactory());
  if (!isNew || isSealed(card)) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
}

/**
 * Makes the attestation key, again when there is one that is not sealed. The answer is its point.
 * @throws SwError 6985, 6A84
 */
export function makeAttestationKey(card: Card): Uint8Array {
  requireUnsealed(card);
  const algorithm = keyAlgorithm(card.hal.crypto, ALG_P256) as KeyAlgorithm;
  if (!card.journal.roomFor(keyRecordBytes(algorithm), ID_KEY | SLOT_ATTESTATION)) throw new SwError(SW_NOT_ENOUGH_MEMORY);
  return card.keys.generate(SLOT_ATTESTATION, algorithm, { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_NEVER });
}

/**
 * Reads a certificate (RFC 5280 §4.1) of the attestation key, whose point is given.
 * @throws MalformedError no X.509 certificate of version 3; SwError 6A80 of another key
 */
function readIssuer(certificate: Uint8Array, point: Uint8Array): AttestationIssuer {
  const whole = derElements(parseOneTlv(certificate, DER_SEQUENCE), [DER_SEQUENCE, DER_SEQUENCE, DER_BIT_STRING]);
  const sequence = DER_SEQUENCE;
  const tags = [DER_VERSION, DER_INTEGER, sequence, sequence, sequence, sequence, sequence, DER_EXTENSIONS];
  const tbs = derElements(whole[0], tags);
  if (!equalBytes(derSequence([tbs[6]]), publicKeyInfo(ALG_P256, point))) throw new SwError(SW_WRONG_DATA);
  return { name: derSequence([tbs[5]]), validity: derSequence([tbs[4]]), point };
}

/** @throws SwError 6985; 6A88 no attestation key; 6A80, MalformedError not a certificate of it; 6A84 */
export function sealAttestationKey(card: Card, certificate: Uint8Array): void {
  requireUnsealed(card);
  const key = card.keys.info(SLOT_ATTESTATION);
  if (key === null) throw new SwError(SW_REFERENCE_NOT_FOUND);
  readIssuer(certificate, key.publicKey);
  const info = encodeTlv(TAG_CERT_INFO, [new Uint8Array([0])]);
  const content = concatBytes([encodeTlv(TAG_CERTIFICATE, [certificate]), info, encodeTlv(TAG_ERROR_DETECTION, [])]);
  card.objects.write(OBJECT_ATTESTATION_CERTIFICATE, content);
}

/** @throws SwError 6A88 when the factory step was not done */
export function attestationIssuer(card: Card): AttestationIssuer {
  const content = card.objects.read(OBJECT_ATTESTATION_CERTIFICATE);
  const key = card.keys.info(SLOT_ATTESTATION);
  if (content === null || key === null) throw new SwError(SW_REFERENCE_NOT_FOUND);
  return readIssuer(findTlv(parseTlvs(content), TAG_CERTIFICATE) as Uint8Array, key.publicKey);
}

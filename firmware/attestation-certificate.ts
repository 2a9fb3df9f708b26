// The certificate by which the attestation key says where a key was made: X.509 (RFC 5280) in DER, with the extension of
// protocol/attestation.ts.

import { ATTESTATION_EXTENSION_DER, ATTESTATION_PURPOSE_DER, ATTESTATION_VERSION } from "../protocol/attestation.ts";
import { encodeTlv } from "../protocol/ber-tlv.ts";
import { asciiBytes, hexToBytes } from "../protocol/bytes.ts";
import type { Card } from "./card.ts";
import {
  DER_BIT_STRING,
  DER_BOOLEAN,
  DER_EXTENSIONS,
  DER_INTEGER,
  DER_OBJECT_IDENTIFIER,
  DER_OCTET_STRING,
  DER_UTF8_STRING,
  derSequence,
  derUnsigned,
  publicKeyInfo,
} from "./der.ts";
import { attestationIssuer } from "./factory.ts";
import { randomBytes } from "./hal.ts";
import type { KeyInfo } from "./key-store.ts";
import { signByAttestationKey } from "./statement.ts";
import { FIRMWARE_VERSION } from "./version.ts";

// Fixed pieces of DER; what they are the head of has a fixed length.
/** [0] version 3. */
const VERSION_3 = "a003020102";
/** AlgorithmIdentifier ecdsa-with-SHA256 (RFC 5758 §3.2). */
const ECDSA_WITH_SHA256 = "300a06082a8648ce3d040302";
/** Name with one CN, up to the 20 bytes of its UTF8String. */
const SUBJECT_HEAD = "301f311d301b06035504030c14";
/** basicConstraints, critical: no CA. */
const NO_CA = "300c0603551d130101ff04023000";
/** extKeyUsage, critical, up to the 33 bytes of its one purpose. */
const PURPOSE_HEAD = "302f0603551d250101ff042530230621";
/** authorityKeyIdentifier, up to its 20 bytes. */
const AUTHORITY_KEY_HEAD = "301f0603551d23041830168014";

const KEY_IDENTIFIER_BYTES = 20;
const SERIAL_NUMBER_BYTES = 16;

/** CertificateSerialNumber: random, positive, always of one length. */
function serialNumber(card: Card): Uint8Array {
  const bytes = randomBytes(card.hal.rng, SERIAL_NUMBER_BYTES);
  bytes[0] = (bytes[0] & 0x3f) | 0x40;
  return encodeTlv(DER_INTEGER, [bytes]);
}

/** The Extension of protocol/attestation.ts. */
function attestation(card: Card, slot: number, key: KeyInfo): Uint8Array {
  const device = card.hal.device;
  const told = derSequence([
    derUnsigned(ATTESTATION_VERSION),
    derUnsigned(device.serial),
    encodeTlv(DER_OCTET_STRING, [new Uint8Array(FIRMWARE_VERSION as number[])]),
    derUnsigned(slot),
    derUnsigned(key.policies.pin),
    derUnsigned(key.policies.button),
    derUnsigned(key.origin),
    encodeTlv(DER_UTF8_STRING, [asciiBytes(card.profile.name)]),
    encodeTlv(DER_BOOLEAN, [new Uint8Array([device.simulated ? 0xff : 0])]),
  ]);
  const id = encodeTlv(DER_OBJECT_IDENTIFIER, [hexToBytes(ATTESTATION_EXTENSION_DER)]);
  return derSequence([id, encodeTlv(DER_OCTET_STRING, [told])]);
}

/**
 * The certificate of the key in `slot`, DER. It has no keyUsage, which could only say that the key may sign (an empty one is forbidden, RFC 5280
 * §4.2.1.3): the critical extended usage, one of our own, keeps it from standing for a person.
 * @throws SwError 6A88 when the factory step was not done
 */
export function certifyByAttestationKey(card: Card, slot: number, key: KeyInfo): Uint8Array {
  const issuer = attestationIssuer(card);
  // RFC 7093 §2, method 1: as the certificate of the attestation key has it, too.
  const authorityKey = card.hal.crypto.sha256(issuer.point).subarray(0, KEY_IDENTIFIER_BYTES);
  const algorithm = hexToBytes(ECDSA_WITH_SHA256);
  const toBeSigned = derSequence([
    hexToBytes(VERSION_3),
    serialNumber(card),
    algorithm,
    issuer.name,
    issuer.validity,
    hexToBytes(SUBJECT_HEAD),
    asciiBytes(`Sceau attestation ${slot.toString(16).toUpperCase()}`),
    publicKeyInfo(key.algorithm, key.publicKey),
    encodeTlv(DER_EXTENSIONS, [
      derSequence([
        hexToBytes(NO_CA),
        hexToBytes(PURPOSE_HEAD + ATTESTATION_PURPOSE_DER),
        hexToBytes(AUTHORITY_KEY_HEAD),
        authorityKey,
        attestation(card, slot, key),
      ]),
    ]),
  ]);
  const signature = signByAttestationKey(card, card.hal.crypto.sha256(toBeSigned));
  return derSequence([toBeSigned, algorithm, encodeTlv(DER_BIT_STRING, [new Uint8Array([0]), signature])]);
}

// Attestations: what a token's attestation key (attestation-key.ts) says of another of its keys, in an X.509 certificate
// (protocol/attestation.ts).

import { ATTESTATION_EXTENSION_DER, ATTESTATION_PURPOSE_DER, ATTESTATION_VERSION } from "../../protocol/attestation.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import {
  ALG_P256,
  ALG_P384,
  BUTTON_POLICY_CACHED,
  BUTTON_POLICY_NEVER,
  isRetiredSlot,
  KEY_SLOTS,
  ORIGIN_GENERATED,
  P256_POINT_BYTES,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
} from "../../protocol/piv.ts";
import {
  AttestationError,
  type AttestationTrust,
  checkExtensions,
  checkValidity,
  type ExpectedExtension,
  extensionValue,
  ID_AUTHORITY_KEY_IDENTIFIER,
  ID_BASIC_CONSTRAINTS,
  parseAttestationKey,
  readAs,
  vouchedFor,
} from "./attestation-key.ts";
import {
  BOOLEAN,
  type CertificateStructure,
  derBoolean,
  derElements,
  derUnsigned,
  derValue,
  derValues,
  INTEGER,
  isIssuedBy,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  parseCertificate,
  SEQUENCE,
  UTF8_STRING,
} from "./certificate-structure.ts";

/** What an attestation says; believe it only from `verifyAttestation`. */
export interface Attestation {
  /** Of the token: decimal digits. */
  readonly serial: string;
  readonly firmware: readonly [number, number, number];
  readonly slot: number;
  /** PIN_POLICY_* of protocol/piv.ts. */
  readonly pinPolicy: number;
  /** BUTTON_POLICY_*. */
  readonly buttonPolicy: number;
  /** ORIGIN_*. */
  readonly origin: number;
  /** The factory profile: `strict` or `compat`. */
  readonly profile: string;
  readonly isSimulated: boolean;
  /** ALG_P256 or ALG_P384. */
  readonly algorithm: number;
  /** Uncompressed point: 65 or 97 bytes. */
  readonly publicKey: Uint8Array;
}

const ID_EXTENDED_KEY_USAGE = "551d25";
/** BasicConstraints: no CA. */
const NO_CA = "3000";
const SET = 0x31;
const ID_COMMON_NAME = hexToBytes("550403");
const ONLY_PURPOSE = bytesToHex(encodeTlv(SEQUENCE, [encodeTlv(OBJECT_IDENTIFIER, [hexToBytes(ATTESTATION_PURPOSE_DER)])]));
const ATTESTATION_EXTENSIONS: readonly ExpectedExtension[] = [
  { id: ID_BASIC_CONSTRAINTS, isCritical: true, value: NO_CA },
  { id: ID_EXTENDED_KEY_USAGE, isCritical: true, value: ONLY_PURPOSE },
  { id: ID_AUTHORITY_KEY_IDENTIFIER, isCritical: false, value: null },
  { id: ATTESTATION_EXTENSION_DER, isCritical: false, value: null },
];

function unsignedIn(content: Uint8Array, least: number, most: number): number {
  const value = derUnsigned(content);
  if (value < least || value > most) throw new MalformedError("a number out of its range");
  return value;
}

/** The extension of protocol/attestation.ts, DER. @throws MalformedError; AttestationError unknown-version */
function parseExtension(der: Uint8Array): Omit<Attestation, "algorithm" | "publicKey"> {
  const whole = derValue(der, SEQUENCE);
  const [version] = derElements(whole);
  if (version?.tag !== INTEGER) throw new MalformedError("no version");
  if (derUnsigned(version.value) !== ATTESTATION_VERSION) throw new AttestationError("unknown-version");
  const tags = [INTEGER, INTEGER, OCTET_STRING, INTEGER, INTEGER, INTEGER, INTEGER, UTF8_STRING, BOOLEAN];
  const values = derValues(whole, ...tags);
  const at = (index: number): Uint8Array => values[index] as Uint8Array;
  const [major, minor, patch] = at(2);
  const slot = derUnsigned(at(3));
  const profile = Buffer.from(at(7)).toString("latin1");
  if (at(2).length !== 3) throw new MalformedError("no firmware version");
  if (!isRetiredSlot(slot) && KEY_SLOTS.every((known) => known.slot !== slot)) throw new MalformedError("no slot for keys");
  if (profile !== "strict" && profile !== "compat") throw new MalformedError("no profile that is known");
  return {
    serial: String(derUnsigned(at(1))),
    firmware: [major as number, minor as number, patch as number],
    slot,
    pinPolicy: unsignedIn(at(4), PIN_POLICY_NEVER, PIN_POLICY_ALWAYS),
    buttonPolicy: unsignedIn(at(5), BUTTON_POLICY_NEVER, BUTTON_POLICY_CACHED),
    origin: unsignedIn(at(6), ORIGIN_GENERATED, ORIGIN_GENERATED),
    profile,
    isSimulated: derBoolean(at(8)),
  };
}

/** The subject that a token gives the attestation of a slot. */
function subjectOf(slot: number): Uint8Array {
  const text = Buffer.from(`Sceau attestation ${slot.toString(16).toUpperCase()}`);
  const pair = encodeTlv(SEQUENCE, [encodeTlv(OBJECT_IDENTIFIER, [ID_COMMON_NAME]), encodeTlv(UTF8_STRING, [text])]);
  return encodeTlv(SEQUENCE, [encodeTlv(SET, [pair])]);
}

function attestationIn(certificate: CertificateStructure): Attestation {
  checkExtensions(certificate.extensions, ATTESTATION_EXTENSIONS);
  const told = parseExtension(extensionValue(certificate, ATTESTATION_EXTENSION_DER));
  if (!equalBytes(certificate.subject, subjectOf(told.slot))) throw new MalformedError("the subject is another slot's");
  const algorithm = certificate.point.length === P256_POINT_BYTES ? ALG_P256 : ALG_P384;
  return { ...told, algorithm, publicKey: certificate.point };
}

/**
 * What an attestation certificate (DER) says; whoever made it.
 * @throws AttestationError unreadable, unknown-version
 */
export function parseAttestation(der: Uint8Array): Attestation {
  return readAs("unreadable", () => attestationIn(parseCertificate(der)));
}

/**
 * What an attestation (DER) says, when the attestation key of this certificate (slot F9, DER) signed it and one of the roots has issued that.
 * @throws AttestationError; `untrusted` only when nothing else is wrong
 */
export function verifyAttestation(attestation: Uint8Array, certificate: Uint8Array, trust: AttestationTrust): Attestation {
  const attested = readAs("unreadable", () => parseCertificate(attestation));
  const told = readAs("unreadable", () => attestationIn(attested));
  const issuer = parseAttestationKey(certificate);
  if (!isIssuedBy(attested, issuer.certificate)) throw new AttestationError("forged");
  checkValidity(attested, trust.at);
  if (told.serial !== issuer.serial) throw new AttestationError("other-serial");
  if (vouchedFor(issuer, trust).isOfSimulator && !told.isSimulated) throw new AttestationError("simulator-root");
  return told;
}

// The structure of an X.509 certificate (RFC 5280 §4.1), read once, strictly: DER in its one form, version 3, an elliptic key, ECDSA with SHA-256,
// no extension twice. What it does not expect it refuses: it reads attestation certificates, which only tokens and their factory write.

import { type KeyObject, verify } from "node:crypto";
import { encodeTlv, parseTlvs, type Tlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, concatBytes, equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { publicKeyOf, subjectPublicKeyInfo } from "./ec-public-key.ts";

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const UTF8_STRING = 0x0c;
export const SEQUENCE = 0x30;
const PRINTABLE_STRING = 0x13;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const VERSION_3 = hexToBytes("020102");
const TRUE = hexToBytes("ff");
/** ecdsa-with-SHA256 (RFC 5758 §3.2). */
const ECDSA_WITH_SHA256 = hexToBytes("06082a8648ce3d040302");
/** Contents of the OBJECT IDENTIFIERs commonName, 2.5.4.3, and serialNumber, 2.5.4.5. */
const ID_COMMON_NAME = "550403";
const ID_SERIAL_NUMBER = "550405";
/** Uncompressed points of P-256 and P-384. */
const POINT_BYTES: readonly number[] = [65, 97];

export interface CertificateExtension {
  /** Content of its OBJECT IDENTIFIER, hexadecimal. */
  readonly id: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

export interface CertificateStructure {
  /** TBSCertificate, DER: what the signature is over. */
  readonly toBeSigned: Uint8Array;
  /** Ecdsa-Sig-Value, DER. */
  readonly signature: Uint8Array;
  /** Name, DER. */
  readonly issuer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Name, DER. */
  readonly subject: Uint8Array;
  /** Uncompressed point: 65 bytes (P-256) or 97 (P-384), on the curve. */
  readonly point: Uint8Array;
  readonly publicKey: KeyObject;
  readonly extensions: readonly CertificateExtension[];
}

/** The elements that a constructed value consists of. @throws MalformedError also when a length is not in its shortest form (X.690 §10.1) */
export function derElements(value: Uint8Array): Tlv[] {
  const found = parseTlvs(value);
  const again = concatBytes(found.map(({ tag, value: content }) => encodeTlv(tag, [content])));
  if (!equalBytes(again, value)) throw new MalformedError("not DER");
  return found;
}

/**
 * The values of the elements of a constructed value, which must have exactly these tags.
 * @throws MalformedError
 */
export function derValues(value: Uint8Array, ...tags: readonly number[]): Uint8Array[] {
  const found = derElements(value);
  if (found.length !== tags.length || found.some(({ tag }, index) => tag !== tags[index])) {
    throw new MalformedError("other elements were expected");
  }
  return found.map((each) => each.value);
}

/** The value of the one element that `bytes` are. @throws MalformedError */
export function derValue(bytes: Uint8Array, tag: number): Uint8Array {
  return derValues(bytes, tag)[0] as Uint8Array;
}

/** A whole number that is not negative, in the shortest form (X.690 §8.3); of up to 32 bits. @throws MalformedError */
export function derUnsigned(content: Uint8Array): number {
  const [first = 0x80, second = 0x80] = content;
  const isShortest = content.length === 1 || first !== 0 || second >= 0x80;
  const value = content.reduce((sum, byte) => sum * 256 + byte, 0);
  if (first >= 0x80 || !isShortest || value > 0xffffffff) throw new MalformedError("no unsigned number");
  return value;
}

/** @throws MalformedError */
export function derBoolean(content: Uint8Array): boolean {
  const [byte] = content;
  if (content.length !== 1 || (byte !== 0 && byte !== 0xff)) throw new MalformedError("no boolean");
  return byte === 0xff;
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime after it, in whole seconds of UTC. */
function time({ tag, value }: Tlv): Date {
  const text = Buffer.from(value).toString("latin1");
  const [, year = "", month, day, hour, minute, second] = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text) ?? [];
  if (tag !== (year.length === 2 ? UTC_TIME : GENERALIZED_TIME)) throw new MalformedError("no time");
  if (year.length === 4 && Number(year) < 2050) throw new MalformedError("no UTCTime");
  const century = year.length === 4 ? "" : Number(year) < 50 ? "20" : "19";
  const iso = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(iso);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso) throw new MalformedError("no time");
  return date;
}

function extension({ tag, value }: Tlv): CertificateExtension {
  if (tag !== SEQUENCE) throw new MalformedError("no extension");
  const parts = derElements(value);
  const isCritical = parts.length === 3;
  const [id, critical, content] = isCritical ? parts : [parts[0], null, parts[1]];
  const isSound = (!isCritical || (critical?.tag === BOOLEAN && equalBytes(critical.value, TRUE))) && content?.tag === OCTET_STRING;
  if (id?.tag !== OBJECT_IDENTIFIER || !isSound || parts.length > 3) throw new MalformedError("no extension");
  return { id: bytesToHex(id.value), isCritical, value: content.value };
}

function extensionsOf(value: Uint8Array): CertificateExtension[] {
  const found = derElements(derValue(value, SEQUENCE)).map(extension);
  if (new Set(found.map(({ id }) => id)).size !== found.length) throw new MalformedError("an extension twice");
  return found;
}

function pointOf(publicKeyInfo: Uint8Array): Uint8Array {
  for (const point of POINT_BYTES.map((lengthBytes) => publicKeyInfo.slice(-lengthBytes))) {
    if (POINT_BYTES.includes(point.length) && equalBytes(subjectPublicKeyInfo(point), publicKeyInfo)) return point;
  }
  throw new MalformedError("another kind of key");
}

/** The content of a BIT STRING of whole bytes. */
function wholeBytes(content: Uint8Array): Uint8Array {
  if (content[0] !== 0) throw new MalformedError("a bit string that does not end on a byte");
  return content.slice(1);
}

/** RFC 5280 §4.1.2.2: not negative, 20 bytes at most; in the shortest form. */
function isSerialNumber(content: Uint8Array): boolean {
  const [first = 0x80, second = 0x80] = content;
  return content.length <= 20 && first < 0x80 && (first !== 0 || second >= 0x80 || content.length === 1);
}

/** @throws MalformedError on anything but the form that this file's head tells */
export function parseCertificate(der: Uint8Array): CertificateStructure {
  const [tbs, algorithm, signature] = derValues(derValue(der, SEQUENCE), SEQUENCE, SEQUENCE, BIT_STRING) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const [version, serial, inner, issuer, validity, subject, keyInfo, extensions] = derValues(
    tbs,
    VERSION,
    INTEGER,
    SEQUENCE,
    SEQUENCE,
    SEQUENCE,
    SEQUENCE,
    SEQUENCE,
    EXTENSIONS,
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  if (!equalBytes(version, VERSION_3) || !isSerialNumber(serial)) throw new MalformedError("no certificate of version 3");
  if (!equalBytes(algorithm, ECDSA_WITH_SHA256) || !equalBytes(inner, ECDSA_WITH_SHA256)) throw new MalformedError("another algorithm");
  const times = derElements(validity).map(time);
  const point = pointOf(encodeTlv(SEQUENCE, [keyInfo]));
  const publicKey = publicKeyOf(point);
  const [notBefore, notAfter] = times;
  if (publicKey === null || times.length !== 2 || !notBefore || !notAfter) throw new MalformedError("no certificate");
  return {
    toBeSigned: encodeTlv(SEQUENCE, [tbs]),
    signature: wholeBytes(signature),
    issuer: encodeTlv(SEQUENCE, [issuer]),
    notBefore,
    notAfter,
    subject: encodeTlv(SEQUENCE, [subject]),
    point,
    publicKey,
    extensions: extensionsOf(extensions),
  };
}

/** Named by it and signed by its key. */
export function isIssuedBy(certificate: CertificateStructure, issuer: CertificateStructure): boolean {
  if (!equalBytes(certificate.issuer, issuer.subject)) return false;
  return verify("sha256", certificate.toBeSigned, { key: issuer.publicKey, dsaEncoding: "der" }, certificate.signature);
}

/** The one attribute of this kind in a Name, ASCII in a string of this type; null: there is none, or more than one. @throws MalformedError */
function attributeIn(name: Uint8Array, id: string, stringTag: number): string | null {
  const attributes = derElements(derValue(name, SEQUENCE)).flatMap(({ tag, value }) => {
    if (tag !== SET) throw new MalformedError("no name");
    return derElements(value).map(({ value: pair }) => derElements(pair));
  });
  const found = attributes.filter(([type]) => type !== undefined && bytesToHex(type.value) === id);
  const value = found[0]?.[1];
  return found.length === 1 && value?.tag === stringTag ? Buffer.from(value.value).toString("latin1") : null;
}

/** The one serialNumber (2.5.4.5) of a Name, which must be a PrintableString; null: there is none, or more than one. @throws MalformedError */
export const serialNumberIn = (name: Uint8Array): string | null => attributeIn(name, ID_SERIAL_NUMBER, PRINTABLE_STRING);

/** The one commonName (2.5.4.3), a UTF8String; null and errors as serialNumberIn. */
export const commonNameIn = (name: Uint8Array): string | null => attributeIn(name, ID_COMMON_NAME, UTF8_STRING);

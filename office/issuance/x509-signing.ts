// Certificates and CRLs (RFC 5280 §4.1, §5.1), put together here and signed by a key of the authority, wherever it is.

import { randomBytes } from "node:crypto";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import type { KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  Extension as AsnExtension,
  Name as AsnName,
  Certificate,
  Extensions,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import type { Extension, Name } from "@peculiar/x509";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { type CaKey, ecdsaOf, spkiOf } from "./ca-key.ts";

/** More than the 64 random bits that the baseline asks for. */
const SERIAL_BYTES = 16;

/** Hexadecimal, 32 digits. Its first bit is clear, so that it is positive; its second is set, so that it keeps its length. */
export function newSerialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString("hex");
}

export interface CertificateTemplate {
  /** Hexadecimal, of newSerialNumber. */
  readonly serialNumber: string;
  readonly subject: Name;
  readonly issuer: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Extension[];
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const asnName = (name: Name): AsnName => AsnConvert.parse(name.toArrayBuffer(), AsnName);
const asnExtensions = (all: readonly Extension[]): AsnExtension[] => all.map(({ rawData }) => AsnConvert.parse(rawData, AsnExtension));
const der = (value: unknown): Uint8Array => new Uint8Array(AsnConvert.serialize(value));

/** Certificate, DER. @throws CaKeyError */
export async function signCertificate(template: CertificateTemplate, key: CaKey): Promise<Uint8Array> {
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: ecdsaOf(key.publicKey).algorithm });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: bufferOf(Buffer.from(template.serialNumber, "hex")),
    signature: signatureAlgorithm,
    issuer: asnName(template.issuer),
    validity: new Validity({ notBefore: template.notBefore, notAfter: template.notAfter }),
    subject: asnName(template.subject),
    subjectPublicKeyInfo: AsnConvert.parse(spkiOf(template.publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions(asnExtensions(template.extensions)),
  });
  const signatureValue = bufferOf(await key.sign(der(tbsCertificate)));
  return der(new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue }));
}

export interface CrlEntry {
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly revokedAt: Date;
  /** RFC 5280 §5.3.1; 0: the extension is left out, as that clause says. */
  readonly reasonCode: number;
}

export interface CrlTemplate {
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: readonly CrlEntry[];
  readonly extensions: readonly Extension[];
}

// A list may have very many entries, and is signed under the issuer's lock: so it is put together from DER, which is 30 times as fast as by schema.
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const ENUMERATED = 0x0a;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const CRL_EXTENSIONS = 0xa0;
const VERSION_2 = hexToBytes("020101");
/** OBJECT IDENTIFIER of cRLReasons, 2.5.29.21, DER. */
const ID_CRL_REASONS = hexToBytes("0603551d15");
/** RFC 5280 §5.1.2.4: UTCTime before this year. */
const GENERALIZED_TIME_FROM = 2050;

function derTime(date: Date): Uint8Array {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  const isLate = date.getUTCFullYear() >= GENERALIZED_TIME_FROM;
  return encodeTlv(isLate ? GENERALIZED_TIME : UTC_TIME, [Buffer.from(isLate ? digits : digits.slice(2), "latin1")]);
}

/** CRLEntryExtensions, by reason code. */
function entryExtensions(reasonCode: number): Uint8Array[] {
  if (reasonCode === 0) return [];
  const value = encodeTlv(OCTET_STRING, [encodeTlv(ENUMERATED, [Uint8Array.of(reasonCode)])]);
  return [encodeTlv(SEQUENCE, [encodeTlv(SEQUENCE, [ID_CRL_REASONS, value])])];
}

function derEntry({ serialNumber, revokedAt, reasonCode }: CrlEntry): Uint8Array {
  const serial = encodeTlv(INTEGER, [Buffer.from(serialNumber, "hex")]);
  return encodeTlv(SEQUENCE, [serial, derTime(revokedAt), ...entryExtensions(reasonCode)]);
}

/** CertificateList version 2, DER. @throws CaKeyError */
export async function signCrl(template: CrlTemplate, key: CaKey): Promise<Uint8Array> {
  const algorithm = der(new AlgorithmIdentifier({ algorithm: ecdsaOf(key.publicKey).algorithm }));
  const { entries, extensions } = template;
  const toBeSigned = encodeTlv(SEQUENCE, [
    VERSION_2,
    algorithm,
    new Uint8Array(template.issuer.toArrayBuffer()),
    derTime(template.thisUpdate),
    derTime(template.nextUpdate),
    // RFC 5280 §5.1.2.6: absent, not empty, when nothing is revoked.
    ...(entries.length === 0 ? [] : [encodeTlv(SEQUENCE, entries.map(derEntry))]),
    encodeTlv(CRL_EXTENSIONS, [
      encodeTlv(
        SEQUENCE,
        extensions.map(({ rawData }) => new Uint8Array(rawData)),
      ),
    ]),
  ]);
  const signature = encodeTlv(BIT_STRING, [new Uint8Array(1), await key.sign(toBeSigned)]);
  return encodeTlv(SEQUENCE, [toBeSigned, algorithm, signature]);
}

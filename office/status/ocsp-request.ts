// Reads a request (RFC 6960 §4.1), strictly: DER, nothing missing, nothing left over, no more than the limits. A signature over it is not
// looked at, as §4.1.2 allows: everybody gets the same answer.

import { derBoolean, derElements, derValue } from "../../host-bridge/token/certificate-structure.ts";
import { encodeTlv, type Tlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import {
  BIT_STRING,
  BOOLEAN,
  CONTEXT_0,
  CONTEXT_1,
  CONTEXT_2,
  ID_OCSP_NONCE,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
} from "./ocsp-names.ts";

/** A request of one CertID has about 80 bytes; a signed one brings its certificates, too. */
export const MAX_REQUEST_BYTES = 8192;
/** Certificates asked about at once. RFC 5019 §2.1.1 has one. */
export const MAX_CERT_IDS = 16;
/** RFC 8954 §2.1. */
export const MAX_NONCE_BYTES = 32;
/** RFC 6960 §4.4 knows six; each is there once. */
const MAX_EXTENSIONS = 8;

/** Which certificate is meant (§4.1.1). Hashes and numbers in hexadecimal, lower case. */
export interface CertId {
  /** DER, for the response. */
  readonly der: Uint8Array;
  /** Content of the OBJECT IDENTIFIER. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  /** Without the zero before a first bit that is set; a negative one, which nobody has, with a minus sign. */
  readonly serialNumber: string;
}

export interface OcspRequest {
  readonly certIds: readonly CertId[];
  readonly nonce: Uint8Array | null;
}

/** Takes one element after the other. */
class Elements {
  private readonly rest: Tlv[];
  constructor(value: Uint8Array) {
    this.rest = derElements(value);
  }

  optional(tag: number): Uint8Array | null {
    return this.rest[0]?.tag === tag ? ((this.rest.shift() as Tlv).value as Uint8Array) : null;
  }

  next(tag: number): Uint8Array {
    const value = this.optional(tag);
    if (value === null) throw new MalformedError("another element was expected");
    return value;
  }

  end(): void {
    if (this.rest.length > 0) throw new MalformedError("more elements than there should be");
  }
}

function list(value: Uint8Array, tag: number, atMost: number): Uint8Array[] {
  const found = derElements(value);
  if (found.length === 0 || found.length > atMost) throw new MalformedError("none, or too many");
  if (found.some((each) => each.tag !== tag)) throw new MalformedError("another element was expected");
  return found.map((each) => each.value);
}

function algorithm(value: Uint8Array): string {
  const [id, , ...more] = derElements(value);
  if (id?.tag !== OBJECT_IDENTIFIER || more.length > 0) throw new MalformedError("no algorithm");
  return bytesToHex(id.value);
}

/** X.690 §8.3: as few bytes as there can be. */
function serialNumber(content: Uint8Array): string {
  const [first, second] = content;
  if (first === undefined) throw new MalformedError("no number");
  const isNegative = first >= 0x80;
  const hasZero = first === 0 && second !== undefined;
  if ((hasZero && second < 0x80) || (first === 0xff && second !== undefined && second >= 0x80))
    throw new MalformedError("no number in DER");
  return `${isNegative ? "-" : ""}${bytesToHex(hasZero ? content.slice(1) : content)}`;
}

function certId(value: Uint8Array): CertId {
  const parts = new Elements(value);
  const hashAlgorithm = algorithm(parts.next(SEQUENCE));
  const issuerNameHash = bytesToHex(parts.next(OCTET_STRING));
  const issuerKeyHash = bytesToHex(parts.next(OCTET_STRING));
  const number = serialNumber(parts.next(INTEGER));
  parts.end();
  return { der: encodeTlv(SEQUENCE, [value]), hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber: number };
}

interface Extension {
  readonly id: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

function extension(value: Uint8Array): Extension {
  const parts = new Elements(value);
  const id = bytesToHex(parts.next(OBJECT_IDENTIFIER));
  const critical = parts.optional(BOOLEAN);
  const content = parts.next(OCTET_STRING);
  parts.end();
  return { id, isCritical: critical !== null && derBoolean(critical), value: content };
}

/** @param explicit content of an EXPLICIT tag; null: no extensions */
function extensions(explicit: Uint8Array | null, understood: readonly string[]): Extension[] {
  if (explicit === null) return [];
  const found = list(derValue(explicit, SEQUENCE), SEQUENCE, MAX_EXTENSIONS).map(extension);
  if (new Set(found.map(({ id }) => id)).size < found.length) throw new MalformedError("an extension twice");
  if (found.some(({ id, isCritical }) => isCritical && !understood.includes(id))) throw new MalformedError("a critical extension");
  return found;
}

function nonceOf(found: readonly Extension[]): Uint8Array | null {
  const nonce = found.find(({ id }) => id === ID_OCSP_NONCE);
  if (nonce === undefined) return null;
  const value = derValue(nonce.value, OCTET_STRING);
  if (value.length === 0 || value.length > MAX_NONCE_BYTES) throw new MalformedError("a nonce too short or too long");
  return value;
}

function request(value: Uint8Array): CertId {
  const parts = new Elements(value);
  const id = certId(parts.next(SEQUENCE));
  extensions(parts.optional(CONTEXT_0), []);
  parts.end();
  return id;
}

/** Its form alone: SEQUENCE { AlgorithmIdentifier, BIT STRING, [0] certificates OPTIONAL }. */
function skipSignature(explicit: Uint8Array | null): void {
  if (explicit === null) return;
  const parts = new Elements(derValue(explicit, SEQUENCE));
  parts.next(SEQUENCE);
  parts.next(BIT_STRING);
  parts.optional(CONTEXT_0);
  parts.end();
}

function checkVersion(explicit: Uint8Array | null): void {
  if (explicit !== null && bytesToHex(explicit) !== "020100") throw new MalformedError("another version");
}

/**
 * @param bytes OCSPRequest, DER
 * @throws MalformedError
 */
export function parseOcspRequest(bytes: Uint8Array): OcspRequest {
  if (bytes.length > MAX_REQUEST_BYTES) throw new MalformedError("too long");
  const whole = new Elements(derValue(bytes, SEQUENCE));
  const tbs = new Elements(whole.next(SEQUENCE));
  skipSignature(whole.optional(CONTEXT_0));
  whole.end();
  checkVersion(tbs.optional(CONTEXT_0));
  const requestor = tbs.optional(CONTEXT_1);
  if (requestor !== null && derElements(requestor).length !== 1) throw new MalformedError("no name");
  const certIds = list(tbs.next(SEQUENCE), SEQUENCE, MAX_CERT_IDS).map(request);
  const nonce = nonceOf(extensions(tbs.optional(CONTEXT_2), [ID_OCSP_NONCE]));
  tbs.end();
  return { certIds, nonce };
}

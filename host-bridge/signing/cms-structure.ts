// The structure of a detached CMS signature (RFC 5652 §5), read once, strictly, and with every byte as it stands in the file. Two readers of
// one CMS may disagree about which signer it is that was checked; so there is one, and what it does not expect it refuses.

import { encodeTlv, parseOneTlv, parseTlvs, type Tlv } from "../../protocol/ber-tlv.ts";
import { MalformedError } from "../../protocol/malformed.ts";

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT_0 = 0xa0;
const CONTEXT_1 = 0xa1;
const ID_SIGNED_DATA = "1.2.840.113549.1.7.2";

export interface CmsAttribute {
  readonly oid: string;
  /** DER of each value. */
  readonly values: readonly Uint8Array[];
}

export interface CmsSigner {
  /** Name, DER. */
  readonly issuer: Uint8Array;
  /** INTEGER, DER. */
  readonly serialNumber: Uint8Array;
  readonly digestOid: string;
  readonly signatureOid: string;
  readonly attributes: readonly CmsAttribute[];
  /** What the signature is over: the signed attributes, tagged as a SET (§5.4). */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

export interface CmsSignature {
  /** DER, as they stand there. */
  readonly certificates: readonly Uint8Array[];
  readonly signer: CmsSigner;
}

/** OBJECT IDENTIFIER content → dotted (X.690 §8.19). */
function dotted(content: Uint8Array): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first = 0n, ...rest] = arcs;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join(".");
}

/** The children of a constructed value, which must have exactly these tags; one ending in `?` may be missing. */
function children(value: Uint8Array, ...tags: readonly (number | `${number}?`)[]): (Uint8Array | null)[] {
  const found = parseTlvs(value);
  const result = tags.map((tag) => {
    const isOptional = typeof tag === "string";
    const wanted = isOptional ? Number.parseInt(tag, 10) : tag;
    if (found[0]?.tag === wanted) return (found.shift() as Tlv).value;
    if (!isOptional) throw new MalformedError("CMS: another element was expected");
    return null;
  });
  if (found.length > 0) throw new MalformedError("CMS: more elements than there should be");
  return result;
}

const present = (value: Uint8Array | null | undefined): Uint8Array => value ?? new Uint8Array(0);

function algorithm(value: Uint8Array): string {
  const [oid] = parseTlvs(value);
  if (oid?.tag !== OBJECT_IDENTIFIER) throw new MalformedError("CMS: no algorithm");
  return dotted(oid.value);
}

function attribute(tlv: Tlv): CmsAttribute {
  if (tlv.tag !== SEQUENCE) throw new MalformedError("CMS: no attribute");
  const [oid, values] = children(tlv.value, OBJECT_IDENTIFIER, SET);
  return { oid: dotted(present(oid)), values: parseTlvs(present(values)).map((value) => encodeTlv(value.tag, [value.value])) };
}

function signerInfo(value: Uint8Array): CmsSigner {
  const parts = children(value, INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0, SEQUENCE, OCTET_STRING, `${CONTEXT_1}?`);
  const [, sid, digest, signedAttributes, signatureAlgorithm, signature] = parts.map(present);
  const [issuer, serialNumber] = children(present(sid), SEQUENCE, INTEGER).map(present);
  return {
    issuer: encodeTlv(SEQUENCE, [present(issuer)]),
    serialNumber: encodeTlv(INTEGER, [present(serialNumber)]),
    digestOid: algorithm(present(digest)),
    signatureOid: algorithm(present(signatureAlgorithm)),
    attributes: parseTlvs(present(signedAttributes)).map(attribute),
    signedBytes: encodeTlv(SET, [present(signedAttributes)]),
    signature: present(signature),
  };
}

/** The first DER value; behind it only the zeros that fill up /Contents. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  const first = bytes[1] ?? 0;
  const count = first < 0x80 ? 0 : first & 0x7f;
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < count; index++) length = length * 256 + (bytes[2 + index] ?? 0);
  const end = 2 + count + length;
  if (first === 0x80 || end > bytes.length || bytes.subarray(end).some((byte) => byte !== 0))
    throw new MalformedError("CMS: not one DER value");
  return bytes.subarray(0, end);
}

/**
 * @param padded ContentInfo, DER, with zeros behind it or not
 * @throws MalformedError when it is not a detached SignedData with one signer named by issuer and serial number
 */
export function parseCmsSignature(padded: Uint8Array): CmsSignature {
  const [type, content] = children(parseOneTlv(withoutPadding(padded), SEQUENCE), OBJECT_IDENTIFIER, CONTEXT_0);
  if (dotted(present(type)) !== ID_SIGNED_DATA) throw new MalformedError("CMS: not signed data");
  const signedData = children(parseOneTlv(present(content), SEQUENCE), INTEGER, SET, SEQUENCE, `${CONTEXT_0}?`, `${CONTEXT_1}?`, SET);
  const [, , encapsulated, certificates, , signerInfos] = signedData.map(present);
  children(present(encapsulated), OBJECT_IDENTIFIER); // detached: nothing inside
  const [info] = children(present(signerInfos), SEQUENCE);
  const carried = parseTlvs(present(certificates)).filter((each) => each.tag === SEQUENCE);
  return { certificates: carried.map((each) => encodeTlv(SEQUENCE, [each.value])), signer: signerInfo(present(info)) };
}

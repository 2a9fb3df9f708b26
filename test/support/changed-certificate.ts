// Certificates with a field changed under the signature that they have: for tests of who notices.

import { encodeTlv, parseOneTlv, parseTlvs } from "../../protocol/ber-tlv.ts";

const SEQUENCE = 0x30;
/** Places in a TBSCertificate of version 3 (RFC 5280 §4.1). */
export const FIELD_SUBJECT = 5;
export const FIELD_PUBLIC_KEY = 6;
export const FIELD_EXTENSIONS = 7;

const elements = (value: Uint8Array): Uint8Array[] => parseTlvs(value).map(({ tag, value: content }) => encodeTlv(tag, [content]));

/** The same certificate with other fields (DER each) in its TBSCertificate. */
export function withFields(certificate: Uint8Array, change: (fields: Uint8Array[]) => Uint8Array[]): Uint8Array {
  const [tbs = new Uint8Array(0), ...rest] = elements(parseOneTlv(certificate, SEQUENCE));
  return encodeTlv(SEQUENCE, [encodeTlv(SEQUENCE, change(elements(parseOneTlv(tbs, SEQUENCE)))), ...rest]);
}

/** The same certificate with another field (DER) in this place. */
export function withField(certificate: Uint8Array, place: number, der: Uint8Array): Uint8Array {
  return withFields(certificate, (fields) => fields.map((field, index) => (index === place ? der : field)));
}

/** The same certificate with other extensions (DER each). */
export function withExtensions(certificate: Uint8Array, change: (extensions: Uint8Array[]) => Uint8Array[]): Uint8Array {
  return withFields(certificate, (fields) => {
    const list = elements(parseOneTlv(parseOneTlv(fields[FIELD_EXTENSIONS] as Uint8Array, 0xa3), SEQUENCE));
    return [...fields.slice(0, FIELD_EXTENSIONS), encodeTlv(0xa3, [encodeTlv(SEQUENCE, change(list))])];
  });
}

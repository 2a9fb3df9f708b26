// The parts of an X.509 certificate that PKCS#11 shows as attributes, as the very bytes that stand in it (RFC 5280 §4.1).

import { encodeTlv, parseOneTlv, parseTlvs, type Tlv } from "../../../protocol/ber-tlv.ts";
import { MalformedError } from "../../../protocol/malformed.ts";

const SEQUENCE = 0x30;
const VERSION = 0xa0;

export interface CertificateParts {
  /** INTEGER, DER. */
  readonly serialNumber: Uint8Array;
  /** Name, DER. */
  readonly issuer: Uint8Array;
  /** Name, DER. */
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
}

/** @throws MalformedError when the bytes are no certificate */
export function certificateParts(der: Uint8Array): CertificateParts {
  const [tbs] = parseTlvs(parseOneTlv(der, SEQUENCE));
  const fields = parseTlvs(tbs?.value ?? new Uint8Array(0)).filter((field) => field.tag !== VERSION);
  const [serialNumber, , issuer, , subject, publicKeyInfo] = fields;
  if (serialNumber === undefined || issuer === undefined || subject === undefined || publicKeyInfo === undefined) {
    throw new MalformedError("not a certificate");
  }
  const whole = (field: Tlv): Uint8Array => encodeTlv(field.tag, [field.value]);
  return { serialNumber: whole(serialNumber), issuer: whole(issuer), subject: whole(subject), publicKeyInfo: whole(publicKeyInfo) };
}

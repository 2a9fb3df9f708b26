// An OCSP client of few lines (RFC 6960 §4): a question about one certificate, and what the answer says, its signature verified.

import { createHash, verify, X509Certificate } from "node:crypto";
import { derElements, derValue } from "../../host-bridge/token/certificate-structure.ts";
import {
  BIT_STRING,
  CONTEXT_0_PRIMITIVE,
  CONTEXT_1,
  ID_SHA1,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
} from "../../office/status/ocsp-names.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { bytesToHex, hexToBytes } from "../../protocol/bytes.ts";
import type { Call } from "./caller.ts";

export type OcspStatus = "good" | "revoked" | "unknown";

const DER_NULL = hexToBytes("0500");
const GENERALIZED_TIME = 0x18;

const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha1").update(bytes).digest());

/** Elements of a SEQUENCE, of which the first `count` must be there. */
function parts(bytes: Uint8Array, count: number): { readonly tag: number; readonly value: Uint8Array }[] {
  const found = derElements(bytes);
  if (found.length < count) throw new Error("OCSP: something is missing");
  return found.map(({ tag, value }) => ({ tag, value: value as Uint8Array }));
}

/** Name and key of a CA, as a CertID has them. @param certificate DER */
function nameAndKey(certificate: Uint8Array): { readonly name: Uint8Array; readonly key: Uint8Array } {
  const tbs = parts(parts(derValue(certificate, SEQUENCE), 3)[0]?.value as Uint8Array, 7);
  const [subject, publicKey] = [tbs[5], tbs[6]]; // behind [0] version, number, algorithm, issuer, validity
  const bits = parts(publicKey?.value as Uint8Array, 2)[1]?.value as Uint8Array;
  return { name: encodeTlv(SEQUENCE, [subject?.value as Uint8Array]), key: bits.slice(1) };
}

/** @param serialNumber hexadecimal @param issuer certificate, DER @returns OCSPRequest, DER, without a nonce, as most clients send it */
export function ocspQuestion(serialNumber: string, issuer: Uint8Array): Uint8Array {
  const { name, key } = nameAndKey(issuer);
  const algorithm = encodeTlv(SEQUENCE, [encodeTlv(OBJECT_IDENTIFIER, [hexToBytes(ID_SHA1)]), DER_NULL]);
  const hashes = [name, key].map((each) => encodeTlv(OCTET_STRING, [sha1(each)]));
  const number = hexToBytes(serialNumber);
  const positive = (number[0] ?? 0) < 0x80 ? number : Uint8Array.of(0, ...number);
  const certId = encodeTlv(SEQUENCE, [algorithm, ...hashes, encodeTlv(INTEGER, [positive])]);
  // OCSPRequest { TBSRequest { requestList { Request { CertID } } } }
  let request = certId;
  for (let depth = 0; depth < 4; depth++) request = encodeTlv(SEQUENCE, [request]);
  return request;
}

export const ocspCall = (body: Uint8Array): Call => ({ method: "POST", headers: { "content-type": "application/ocsp-request" }, body });

/** What is said of the certificate with this number. @throws when it is signed by no certificate in it, or is about another one */
export function ocspStatus(response: Uint8Array, serialNumber: string): OcspStatus {
  const [status, bytes] = parts(derValue(response, SEQUENCE), 1);
  if (status?.value[0] !== 0 || bytes === undefined) throw new Error(`OCSP: status ${status?.value[0]}`);
  const basic = derValue(parts(derValue(bytes.value, SEQUENCE), 2)[1]?.value as Uint8Array, SEQUENCE);
  const [tbs, , signature, certificates] = parts(basic, 4) as [
    { value: Uint8Array },
    unknown,
    { tag: number; value: Uint8Array },
    { value: Uint8Array },
  ];
  const responder = new X509Certificate(encodeTlv(SEQUENCE, [parts(derValue(certificates.value, SEQUENCE), 1)[0]?.value as Uint8Array]));
  const isSigned =
    signature.tag === BIT_STRING && verify("sha256", encodeTlv(SEQUENCE, [tbs.value]), responder.publicKey, signature.value.slice(1));
  if (!isSigned) throw new Error("OCSP: the signature is wrong");
  const data = parts(tbs.value, 3);
  const at = data.findIndex(({ tag }) => tag === GENERALIZED_TIME); // producedAt; the responses come next
  const [certId, said] = parts(derValue(data[at + 1]?.value as Uint8Array, SEQUENCE), 3);
  const number = bytesToHex(parts(certId?.value as Uint8Array, 4)[3]?.value as Uint8Array).replace(/^00/, "");
  if (number !== serialNumber.replace(/^00/, "")) throw new Error("OCSP: an answer about another certificate");
  if (said?.tag === CONTEXT_0_PRIMITIVE) return "good";
  return said?.tag === CONTEXT_1 ? "revoked" : "unknown";
}

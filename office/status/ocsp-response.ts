// Writes responses (RFC 6960 §4.2): version 1, the responder named by its key, its certificate beside the signature.

import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import type { OcspKey } from "./ocsp-key.ts";
import {
  BIT_STRING,
  CONTEXT_0,
  CONTEXT_0_PRIMITIVE,
  CONTEXT_1,
  CONTEXT_2,
  CONTEXT_2_PRIMITIVE,
  ENUMERATED,
  ERROR_STATUS,
  GENERALIZED_TIME,
  ID_ARCHIVE_CUTOFF,
  ID_OCSP_BASIC,
  ID_OCSP_NONCE,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  type OcspErrorStatus,
  SEQUENCE,
} from "./ocsp-names.ts";

export type CertStatus =
  | { readonly kind: "good" }
  /** @property reasonCode RFC 5280 §5.3.1; 0 is left out */
  | { readonly kind: "revoked"; readonly revokedAt: Date; readonly reasonCode: number }
  | { readonly kind: "unknown" };

export interface SingleResponse {
  /** CertID of the request, DER. */
  readonly certId: Uint8Array;
  readonly status: CertStatus;
  /** Since when revocations are kept though their certificates have expired (§4.4.4); null: not said. */
  readonly archiveCutoff: Date | null;
}

export interface ResponseData {
  /** Also thisUpdate: the tables are read for every response. */
  readonly producedAt: Date;
  readonly nextUpdate: Date;
  readonly responses: readonly SingleResponse[];
  readonly nonce: Uint8Array | null;
}

const NOTHING = new Uint8Array();
const SUCCESSFUL = 0;

const oid = (content: string): Uint8Array => encodeTlv(OBJECT_IDENTIFIER, [hexToBytes(content)]);
const enumerated = (value: number): Uint8Array => encodeTlv(ENUMERATED, [Uint8Array.of(value)]);

/** YYYYMMDDHHMMSSZ, whole seconds (RFC 5280 §4.1.2.5.2). */
function time(date: Date): Uint8Array {
  return encodeTlv(GENERALIZED_TIME, [Buffer.from(`${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`)]);
}

/** [1] EXPLICIT Extensions, of one that is not critical. */
function oneExtension(id: string, value: Uint8Array): Uint8Array {
  const extension = encodeTlv(SEQUENCE, [oid(id), encodeTlv(OCTET_STRING, [value])]);
  return encodeTlv(CONTEXT_1, [encodeTlv(SEQUENCE, [extension])]);
}

function certStatus(status: CertStatus): Uint8Array {
  if (status.kind === "good") return encodeTlv(CONTEXT_0_PRIMITIVE, [NOTHING]);
  if (status.kind === "unknown") return encodeTlv(CONTEXT_2_PRIMITIVE, [NOTHING]);
  const reason = status.reasonCode === 0 ? NOTHING : encodeTlv(CONTEXT_0, [enumerated(status.reasonCode)]);
  return encodeTlv(CONTEXT_1, [time(status.revokedAt), reason]);
}

function singleResponse({ certId, status, archiveCutoff }: SingleResponse, { producedAt, nextUpdate }: ResponseData): Uint8Array {
  const extensions = archiveCutoff === null ? NOTHING : oneExtension(ID_ARCHIVE_CUTOFF, time(archiveCutoff));
  return encodeTlv(SEQUENCE, [certId, certStatus(status), time(producedAt), encodeTlv(CONTEXT_0, [time(nextUpdate)]), extensions]);
}

function responseData(data: ResponseData, key: OcspKey): Uint8Array {
  const responderId = encodeTlv(CONTEXT_2, [encodeTlv(OCTET_STRING, [key.keyHash])]);
  const responses = data.responses.map((each) => singleResponse(each, data));
  const extensions = data.nonce === null ? NOTHING : oneExtension(ID_OCSP_NONCE, encodeTlv(OCTET_STRING, [data.nonce]));
  return encodeTlv(SEQUENCE, [responderId, time(data.producedAt), encodeTlv(SEQUENCE, responses), extensions]);
}

/**
 * @param certificate the responder's, DER, as its issuer delegated to it
 * @returns OCSPResponse, DER
 */
export async function signOcspResponse(data: ResponseData, key: OcspKey, certificate: Uint8Array): Promise<Uint8Array> {
  const tbs = responseData(data, key);
  const signature = encodeTlv(BIT_STRING, [new Uint8Array(1), await key.sign(tbs)]);
  const certificates = encodeTlv(CONTEXT_0, [encodeTlv(SEQUENCE, [certificate])]);
  const basic = encodeTlv(SEQUENCE, [tbs, encodeTlv(SEQUENCE, [oid(key.algorithm)]), signature, certificates]);
  const responseBytes = encodeTlv(SEQUENCE, [oid(ID_OCSP_BASIC), encodeTlv(OCTET_STRING, [basic])]);
  return encodeTlv(SEQUENCE, [enumerated(SUCCESSFUL), encodeTlv(CONTEXT_0, [responseBytes])]);
}

/** A response that is nothing but its status, unsigned (§4.2.1). */
export function ocspError(status: OcspErrorStatus): Uint8Array {
  return encodeTlv(SEQUENCE, [enumerated(ERROR_STATUS[status])]);
}

// The numbers of OCSP (RFC 6960): DER tags, and contents of OBJECT IDENTIFIERs in hexadecimal.

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const ENUMERATED = 0x0a;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
/** [n], constructed: EXPLICIT, or IMPLICIT of a SEQUENCE. */
export const CONTEXT_0 = 0xa0;
export const CONTEXT_1 = 0xa1;
export const CONTEXT_2 = 0xa2;
/** [n] IMPLICIT NULL. */
export const CONTEXT_0_PRIMITIVE = 0x80;
export const CONTEXT_2_PRIMITIVE = 0x82;

/** id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1 (§4.2.1). */
export const ID_OCSP_BASIC = "2b0601050507300101";
/** id-pkix-ocsp-nonce, 1.3.6.1.5.5.7.48.1.2 (§4.4.1). */
export const ID_OCSP_NONCE = "2b0601050507300102";
/** id-pkix-ocsp-archive-cutoff, 1.3.6.1.5.5.7.48.1.6 (§4.4.4). */
export const ID_ARCHIVE_CUTOFF = "2b0601050507300106";
export const ID_SHA1 = "2b0e03021a";
export const ID_SHA256 = "608648016503040201";
/** RFC 5758 §3.2. */
export const ID_ECDSA_WITH_SHA256 = "2a8648ce3d040302";
export const ID_ECDSA_WITH_SHA384 = "2a8648ce3d040303";

/** OCSPResponseStatus of a response that has nothing but that (§4.2.1). */
export const ERROR_STATUS = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

export type OcspErrorStatus = keyof typeof ERROR_STATUS;

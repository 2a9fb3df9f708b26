// Why a request gets no signed response (RFC 6960 §2.3).

import type { OcspErrorStatus } from "./ocsp-names.ts";

/**
 * `malformedRequest`: not what §4.1 says, or more of it than there may be; `unauthorized`: about certificates of nobody whom this responder
 * speaks for; `tryLater`: the database does not answer, or there is no responder certificate now; `internalError`: anything else.
 */
export class OcspRefusal extends Error {
  override readonly name = "OcspRefusal";
  readonly status: OcspErrorStatus;
  constructor(status: OcspErrorStatus, options?: ErrorOptions) {
    super(`OCSP: ${status}`, options);
    this.status = status;
  }
}

// What the pages ask of the issuance: that a certificate be revoked, or all that a token's keys have or one of them, the CRL with it.

import type { KeyRevoking } from "../../decisions/key-destruction.ts";
import type { TokenRevoking } from "../../decisions/token-decision.ts";
import type { RevocationOrder } from "../../issuance/revocation.ts";
import type { CertificateRevoking } from "../../representatives/revoking.ts";

export interface Revoking extends TokenRevoking, KeyRevoking, CertificateRevoking {
  /**
   * One that is revoked already stays as it is, and `isNew` is false.
   * @throws StateError it is expired
   */
  revoke(certificateId: string, order: RevocationOrder): Promise<{ readonly isNew: boolean }>;
}

// What the pages ask of the issuance: that a certificate be revoked, its CRL with it.

import type { RevocationOrder } from "../../issuance/revocation.ts";

export interface Revoking {
  /**
   * One that is revoked already stays as it is, and `isNew` is false.
   * @throws StateError it is expired
   */
  revoke(certificateId: string, order: RevocationOrder): Promise<{ readonly isNew: boolean }>;
}

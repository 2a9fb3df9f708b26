// What issuance works with.

import type { Store } from "../store/store.ts";
import type { AuthorityFolder } from "./authority-folder.ts";
import type { Clock } from "./clock.ts";

/** Whom to believe about tokens. */
export interface AttestationRoots {
  /** Certificates, DER. */
  readonly roots: readonly Uint8Array[];
  /** A demonstration: simulated tokens count. */
  readonly isDemo: boolean;
}

export interface IssuanceDesk {
  readonly store: Store;
  readonly authority: AuthorityFolder;
  readonly clock: Clock;
  readonly trust: AttestationRoots;
}

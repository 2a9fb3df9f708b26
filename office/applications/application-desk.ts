// What the rules of applications work with.

import type { Clock } from "../issuance/clock.ts";
import type { Sealing } from "../sealing/sealing.ts";
import type { Store } from "../store/store.ts";

export interface ApplicationDesk {
  readonly store: Store;
  readonly clock: Clock;
  readonly sealing: Sealing;
  /** As people and mails have it, without a slash at its end. */
  readonly publicUrl: string;
}

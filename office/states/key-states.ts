// A key on a token; the office knows its public part only.

import { stateMachine } from "./state-table.ts";

export type KeyState = "attested" | "certified" | "destroyed";
/** `certify`: a certificate was issued for it, also a further one. `destroy`: the token's receipt for its destruction was verified. */
export type KeyEvent = "certify" | "destroy";

/** A key enters with its attestation verified: there is no state before. */
export const KEY = stateMachine<KeyState, KeyEvent>("key", {
  attested: { certify: "certified", destroy: "destroyed" },
  certified: { certify: "certified", destroy: "destroyed" },
  destroyed: {},
});

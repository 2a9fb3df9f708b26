// The access key of an organisation's legal representative (S43). The lock after too many wrong tries stands beside it: it ends no key.

import { stateMachine } from "./state-table.ts";

/** `named`: the organisation has no certificate yet. `offered`: the identifier was mailed, the key waits to be collected. `open`: there is a key. */
export type AccessKeyState = "named" | "offered" | "open";
/** `offer`: the first certificate was issued. `renew`: the key ends. `replace`: somebody else is the representative. */
export type AccessKeyEvent = "offer" | "collect" | "renew" | "replace";

export const ACCESS_KEY = stateMachine<AccessKeyState, AccessKeyEvent>("access key", {
  named: { offer: "offered", replace: "named" },
  offered: { collect: "open", renew: "offered", replace: "named" },
  open: { renew: "offered", replace: "named" },
});

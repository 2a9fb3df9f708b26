// A certificate. «Suspended» is a word for tokens: certificateHold is never issued.

import { stateMachine } from "./state-table.ts";

export type CertificateState = "issued" | "active" | "expired" | "revoked";
/** `prove`: the holder proved possession with it. `expire`: its time is over. `revoke`: also by the clock, when it was not proved in 14 days. */
export type CertificateEvent = "prove" | "expire" | "revoke";

export const CERTIFICATE = stateMachine<CertificateState, CertificateEvent>("certificate", {
  issued: { prove: "active", expire: "expired", revoke: "revoked" },
  active: { expire: "expired", revoke: "revoked" },
  expired: {},
  revoked: {},
});

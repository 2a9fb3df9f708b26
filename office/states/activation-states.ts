// An activation: the reference number that is mailed after the approval, and what becomes of it (S15).

import { stateMachine } from "./state-table.ts";

export type ActivationState = "created" | "mailed" | "used" | "expired" | "locked";
/** `use`: the certificate's possession is proven. `lock`: five wrong tries; `unlock`: an officer. `replace`: a new number takes its place. */
export type ActivationEvent = "mail" | "use" | "expire" | "lock" | "unlock" | "replace";

export const ACTIVATION = stateMachine<ActivationState, ActivationEvent>("activation", {
  created: { mail: "mailed", use: "used", expire: "expired", replace: "expired" },
  mailed: { use: "used", expire: "expired", lock: "locked", replace: "expired" },
  locked: { unlock: "mailed", expire: "expired", replace: "expired" },
  used: {},
  expired: {},
});

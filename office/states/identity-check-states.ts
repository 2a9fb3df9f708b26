// One face-to-face check of an identity (S13): booked, under way, decided.

import { stateMachine } from "./state-table.ts";

export type IdentityCheckState = "booked" | "in_review" | "accepted" | "refused" | "inconclusive" | "manual" | "cancelled";
/** `begin`: a verifier has the person before them. `doubt`: it can't be decided so; `escalate`: another verifier looks at it. `cancel`: it does not take place. */
export type IdentityCheckEvent = "begin" | "accept" | "refuse" | "doubt" | "escalate" | "cancel";

export const IDENTITY_CHECK = stateMachine<IdentityCheckState, IdentityCheckEvent>("identity check", {
  booked: { begin: "in_review", cancel: "cancelled" },
  in_review: { accept: "accepted", refuse: "refused", doubt: "inconclusive", cancel: "cancelled" },
  inconclusive: { escalate: "manual", cancel: "cancelled" },
  manual: { accept: "accepted", refuse: "refused", cancel: "cancelled" },
  accepted: {},
  refused: {},
  cancelled: {},
});

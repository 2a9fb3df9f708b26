// An officer: may sign in while active. Whoever has left stays on record: audit events name them.

import { stateMachine } from "./state-table.ts";

export type OfficerState = "invited" | "active" | "withdrawn";
/**
 * `enrol`: their AUTH certificate is known. `lose`: their token is perhaps in other hands, and its key signs nobody in any more. `withdraw`: they may
 * not sign in any more, and their sessions end.
 */
export type OfficerEvent = "enrol" | "lose" | "withdraw" | "reinstate";

export const OFFICER = stateMachine<OfficerState, OfficerEvent>("officer", {
  invited: { enrol: "active", withdraw: "withdrawn" },
  active: { enrol: "active", lose: "invited", withdraw: "withdrawn" },
  withdrawn: { reinstate: "invited" },
});

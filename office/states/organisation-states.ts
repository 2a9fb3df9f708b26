// An organisation: asked for, open, closed. A corporate account has five users or more (S9).

import { stateMachine } from "./state-table.ts";

export type OrganisationState = "requested" | "open" | "closed";
export type OrganisationEvent = "open" | "refuse" | "close" | "reopen";

export const ORGANISATION = stateMachine<OrganisationState, OrganisationEvent>("organisation", {
  requested: { open: "open", refuse: "closed" },
  open: { close: "closed" },
  closed: { reopen: "open" },
});

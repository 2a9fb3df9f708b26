// What a dossier's payment gate says (S9): an officer marks it, with why; an organisation with an account pays for its people.

import { stateMachine } from "./state-table.ts";

export type PaymentState = "due" | "paid" | "waived" | "covered";
/** `cover`: the organisation's account pays. `undo`: it was marked by mistake. */
export type PaymentEvent = "pay" | "waive" | "cover" | "undo";

export const PAYMENT = stateMachine<PaymentState, PaymentEvent>("payment", {
  due: { pay: "paid", waive: "waived", cover: "covered" },
  paid: { undo: "due" },
  waived: { undo: "due" },
  covered: {},
});

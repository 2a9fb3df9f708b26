// The three questions of an account: five wrong tries lock them until an officer unlocks.

import { stateMachine } from "./state-table.ts";

export type QuestionSetState = "open" | "locked";
export type QuestionSetEvent = "lock" | "unlock";

export const QUESTION_SET = stateMachine<QuestionSetState, QuestionSetEvent>("question set", {
  open: { lock: "locked" },
  locked: { unlock: "open" },
});

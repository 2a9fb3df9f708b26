// Letting out a token's PUK and management key: one officer asks, another one agrees, and it is shown once.

import { stateMachine } from "./state-table.ts";

export type SecretReleaseState = "asked" | "agreed" | "refused" | "shown" | "expired";
export type SecretReleaseEvent = "agree" | "refuse" | "show" | "expire";

export const SECRET_RELEASE = stateMachine<SecretReleaseState, SecretReleaseEvent>("secret release", {
  asked: { agree: "agreed", refuse: "refused", expire: "expired" },
  agreed: { show: "shown", expire: "expired" },
  refused: {},
  shown: {},
  expired: {},
});

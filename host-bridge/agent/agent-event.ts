// What the agent tells whoever started it: names, routes and status codes; never an address with its parameters, a body, a cookie or a PIN.

import type { TokenEvent } from "../token-watch.ts";

export type AgentEvent =
  | TokenEvent
  /** `route`: its pattern, not the address. */
  | { readonly event: "request"; readonly method: string; readonly route: string; readonly status: number; readonly ms: number }
  /** The page that was shown has the same `id`. The stack is without the error's message. */
  | { readonly event: "unexpected"; readonly id: string; readonly type: string; readonly stack: readonly string[] };

export type AgentLog = (event: AgentEvent) => void;

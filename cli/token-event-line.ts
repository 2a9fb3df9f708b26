// What a person wants to see of a token that comes, goes or can't be used: the bridge's and the agent's line for it.

import type { TokenEvent } from "../host-bridge/token-watch.ts";
import type { Messages } from "./messages/en.ts";
import { visible } from "./terminal.ts";

export function tokenEventLine(event: Exclude<TokenEvent, { readonly event: "trouble" }>, { bridge }: Pick<Messages, "bridge">): string {
  switch (event.event) {
    case "token-in":
      return visible(bridge.tokenIn(event.name, event.serial));
    case "token-out":
      return visible(bridge.tokenOut(event.name));
    case "token-refused":
      return visible(bridge.tokenRefused(event.name, event.reason));
    case "token-forbidden":
      return visible(bridge.forbidden[event.kind](event.path, event.group));
  }
}

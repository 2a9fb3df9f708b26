// A token, as the office knows it. The device's own state (blank, blocked) is the firmware's; this is what the office decided about it.

import { stateMachine } from "./state-table.ts";

export type TokenState = "blank" | "formatted" | "assigned" | "active" | "suspended" | "blocked" | "lost" | "damaged" | "retired";
/**
 * `format`: PIN, PUK and management key were set. `assign`: it is somebody's. `release`: it is nobody's again, and holds no certified key.
 * `activate`: its holder proved possession of a certified key. `suspend`, `resume`: the office's own word, nothing a CRL says. `block`: its
 * holder reported it blocked; `unblock`. `lose`, `damage`, `retire`: final; the certificates of its keys are revoked with it.
 */
export type TokenEvent =
  | "format"
  | "assign"
  | "release"
  | "activate"
  | "suspend"
  | "resume"
  | "block"
  | "unblock"
  | "lose"
  | "damage"
  | "retire";

const END = { lose: "lost", damage: "damaged", retire: "retired" } as const;

export const TOKEN = stateMachine<TokenState, TokenEvent>("token", {
  blank: { format: "formatted", ...END },
  formatted: { assign: "assigned", ...END },
  assigned: { activate: "active", release: "formatted", ...END },
  active: { suspend: "suspended", block: "blocked", ...END },
  suspended: { resume: "active", ...END },
  blocked: { unblock: "active", ...END },
  lost: {},
  damaged: {},
  retired: {},
});

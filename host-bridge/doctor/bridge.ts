// Whether the bridge runs: whether somebody answers at its socket.

import { shellWord } from "../desktop/shell-word.ts";
import { asRoot } from "./as-root.ts";
import { bridgeState } from "./bridge-socket.ts";
import type { Check } from "./check.ts";
import type { Code } from "./finding.ts";
import { ok, trouble } from "./found.ts";
import type { Place } from "./place.ts";
import { serviceStart } from "./service.ts";

export const bridgeCommand = ({ program, state: { option } }: Place): string => `${program} bridge${option}`;

/** A dead socket is replaced by the next bridge; a folder, and what is another's, is not. */
function commands(place: Place, code: Code<"bridge">): string[] {
  const path = shellWord(place.state.pkcs11Socket);
  const start = serviceStart(place) ?? bridgeCommand(place);
  if (code === "no-socket") return [`mv ${path} ${path}.old`, start];
  if (code === "forbidden") return [asRoot(place, `chown -R "$USER" ${shellWord(place.state.root)}`), start];
  return [start];
}

export const BRIDGE: Check<"bridge"> = {
  name: "bridge",
  area: "suite",
  look: async (place) => {
    const facts = { path: place.state.pkcs11Socket };
    const code = await bridgeState(facts.path);
    if (code === "fine") return ok("bridge", code, facts);
    return trouble("bridge", code, facts, { mender: code === "forbidden" ? "administrator" : "user", commands: commands(place, code) });
  },
};

// Whether the folder of the sockets is the user's alone: whoever reaches a socket reaches the token behind it.

import type { Check } from "./check.ts";
import { ok, trouble } from "./found.ts";
import { folderState, wantsRoot } from "./own-folder.ts";

const ANYTHING_BY_OTHERS = 0o077;

export const RUNTIME_FOLDER: Check<"runtime-folder"> = {
  name: "runtime-folder",
  area: "rights",
  needs: ["state-folder"],
  look: (place) => {
    const { code, facts, commands } = folderState(place, place.state.run, ANYTHING_BY_OTHERS);
    if (code === "fine" || code === "to-be-made") return ok("runtime-folder", code, facts);
    return trouble("runtime-folder", code, facts, { commands, mender: wantsRoot(code, commands) ? "administrator" : "user" });
  },
};

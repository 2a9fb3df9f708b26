// Whether Sceau can keep what it keeps: the folder for state is the user's own, and can be written.

import type { Check } from "./check.ts";
import { ok, trouble, warning } from "./found.ts";
import { folderState, wantsRoot } from "./own-folder.ts";

/** Files in it have modes of their own; who can write the folder can exchange them. */
const WRITABLE_BY_OTHERS = 0o022;

export const STATE_FOLDER: Check<"state-folder"> = {
  name: "state-folder",
  area: "rights",
  look: (place) => {
    const { code, facts, commands } = folderState(place, place.state.root, WRITABLE_BY_OTHERS);
    if (code === "fine" || code === "to-be-made") return ok("state-folder", code, facts);
    const mend = { commands, mender: wantsRoot(code, commands) ? "administrator" : "user" } as const;
    return code === "open-to-others" ? warning("state-folder", code, facts, mend) : trouble("state-folder", code, facts, mend);
  },
};

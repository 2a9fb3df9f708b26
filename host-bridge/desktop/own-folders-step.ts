// Whether HOME and its like lead to the user's own folders. sudo and su may leave them as they were: what root writes into somebody else's folders that
// person's programs can't read, and a link of that person's would lead root anywhere.

import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Desktop } from "./desktop.ts";
import { type Reason, type Step, step } from "./step.ts";

const ROOT_UID = 0;
const VARIABLES = ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] as const;

const isOthers = (folder: string): boolean => (statSync(folder, { throwIfNoEntry: false })?.uid ?? ROOT_UID) !== ROOT_UID;

/** Instead of the user's part. null: nothing is wrong. */
export function wrongFolder({ isRoot, home, environment }: Desktop): Step | null {
  const wrong = (where: string, reason: Reason): Step => step({ name: "own-folders", part: "user", where, state: "cannot", reason });
  const { XDG_CONFIG_HOME: config = "" } = environment;
  // p11-kit takes a relative path, from wherever each program was started.
  if (!isAbsolute(home) || (config !== "" && !isAbsolute(config))) return wrong(isAbsolute(home) ? config : home, "relative-folder");
  const folders = [home, ...VARIABLES.map((name) => environment[name] ?? "").filter(isAbsolute)];
  const others = isRoot ? folders.find(isOthers) : undefined;
  return others === undefined ? null : wrong(others, "others-folder");
}

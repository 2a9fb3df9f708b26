// Whether p11-kit's client is installed: the module by which signing software reaches the bridge.

import { debianPackages } from "./as-root.ts";
import type { Check } from "./check.ts";
import { ok, trouble } from "./found.ts";

export const MODULE: Check<"module"> = {
  name: "module",
  area: "suite",
  look: (place) => {
    if (place.module !== null) return ok("module", "fine", { path: place.module });
    return trouble("module", "missing", { path: "" }, { mender: "administrator", commands: [debianPackages(place, "p11-kit-modules")] });
  },
};

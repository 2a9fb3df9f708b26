// Whether the bridge is one of p11-kit's modules for this user, so that software finds it which asks p11-kit for all.

import { join } from "node:path";
import { shellWord } from "../desktop/shell-word.ts";
import { draftFolder, moduleFile, NotOurFileError, registeredAddress } from "../discovery/module-file.ts";
import { p11KitAddress } from "../signing/pkcs11-module.ts";
import { bridgeCommand } from "./bridge.ts";
import type { Check } from "./check.ts";
import { ok, warning } from "./found.ts";
import { installCommand } from "./install-command.ts";
import type { Place } from "./place.ts";

/** null: Sceau did not write it. */
function registered(path: string): string | null | undefined {
  try {
    return registeredAddress(path);
  } catch (error) {
    if (error instanceof NotOurFileError) return null;
    throw error;
  }
}

export const REGISTRATION: Check<"registration"> = {
  name: "registration",
  area: "suite",
  look: (place: Place) => {
    const path = moduleFile(place.environment);
    const facts = { path };
    const register = place.state.option === "" ? installCommand(place) : `${bridgeCommand(place)} --register`;
    const address = registered(path);
    if (address === undefined) return warning("registration", "missing", facts, { commands: [register] });
    if (address === null) {
      const away = shellWord(join(draftFolder(path), "sceau.module.old")); // p11-kit loads every file of the folder, whatever its name
      return warning("registration", "not-ours", facts, { commands: [`mv ${shellWord(path)} ${away}`, register] });
    }
    if (address !== p11KitAddress(place.state.pkcs11Socket))
      return warning("registration", "other-bridge", facts, { commands: [register] });
    return ok("registration", "fine", facts);
  },
};

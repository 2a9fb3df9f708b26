// Whether browsers and mail programs have p11-kit's client among their modules: they keep the list themselves, in NSS databases, and ask p11-kit for nothing.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type NssDatabase, nssDatabases } from "../desktop/nss-databases.ts";
import { MODULE_NAME, type ModuleState, moduleState } from "../desktop/nss-modules.ts";
import { shellWord } from "../desktop/shell-word.ts";
import { debianPackages } from "./as-root.ts";
import type { Check } from "./check.ts";
import type { Code, FindingOf } from "./finding.ts";
import { ok, warning } from "./found.ts";
import { installCommand } from "./install-command.ts";
import type { Place } from "./place.ts";

/** What is worst comes first; the rest is well. `other-name` and `proxy` lead to the bridge, too. */
const WRONG: readonly (ModuleState & Code<"browsers">)[] = ["unreadable", "other-library", "moved", "missing"];

const NAMES: Readonly<Record<NssDatabase["software"], string>> = {
  firefox: "Firefox",
  thunderbird: "Thunderbird",
  chromium: "Chromium",
};

/** «Firefox, Chromium» */
export const softwareNames = (databases: readonly NssDatabase[]): string =>
  [...new Set(databases.map(({ software }) => NAMES[software]))].join(", ");

/** What installs modutil, by which modules are entered; nothing when it is there. */
export function nssTools(place: Place): string[] {
  const folders = (place.environment["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, "modutil"))) ? [] : [debianPackages(place, "libnss3-tools")];
}

function commands(place: Place, code: Code<"browsers">, folder: string): string[] {
  if (code === "unreadable") return [`ls -la ${shellWord(folder)}`];
  // Somebody entered it by hand: `sceau install` leaves that alone.
  const out = code === "other-library" ? [`modutil -force -dbdir ${shellWord(`sql:${folder}`)} -delete ${MODULE_NAME}`] : [];
  return [...nssTools(place), ...out, installCommand(place)];
}

function wrong(place: Place, code: Code<"browsers">, databases: readonly NssDatabase[]): FindingOf<"browsers"> {
  const [{ folder } = { folder: "" }] = databases;
  const facts = { software: softwareNames(databases), count: databases.length, folder };
  const wantsRoot = code !== "unreadable" && nssTools(place).length > 0;
  return warning("browsers", code, facts, { mender: wantsRoot ? "administrator" : "user", commands: commands(place, code, folder) });
}

export const BROWSERS: Check<"browsers"> = {
  name: "browsers",
  area: "suite",
  needs: ["module"],
  look: (place) => {
    const own = nssDatabases(place.home, place.environment).filter(({ confinement }) => confinement === "none");
    const states = own.map((database) => ({ database, state: moduleState(database.folder, place.module) }));
    for (const code of WRONG) {
      const found = states.filter(({ state }) => state === code).map(({ database }) => database);
      if (found.length > 0) return wrong(place, code, found);
    }
    const facts = { software: softwareNames(own), count: own.length, folder: "" };
    return ok("browsers", own.length === 0 ? "none" : "fine", facts);
  },
};

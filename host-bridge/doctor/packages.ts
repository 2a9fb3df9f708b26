// Whether all npm packages are there, each in the version that package-lock.json has: an installation that was broken off leaves some out.

import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { shellWord } from "../desktop/shell-word.ts";
import { debianPackages } from "./as-root.ts";
import type { Check } from "./check.ts";
import { ok, trouble } from "./found.ts";
import type { Place } from "./place.ts";

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}
type Packages = Readonly<Record<string, LockedPackage>>;

/** null: it is not there, or no lock. */
function packagesIn(path: string): Packages | null {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as { packages?: Packages }).packages ?? null;
  } catch {
    return null;
  }
}

const LAST_WRITTEN = ".package-lock.json";

/** null: its package.json can't be read. */
function versionIn(folder: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version?: string }).version ?? null;
  } catch {
    return null;
  }
}

/** What compiles pkcs11js when it is installed. */
const COMPILERS = [
  ["python3", "python3"],
  ["make", "make"],
  ["g++", "g++"],
] as const;

function missingCompilers({ environment }: Place): string[] {
  const folders = (environment["PATH"] ?? "").split(delimiter);
  return COMPILERS.filter(([program]) => !folders.some((folder) => existsSync(join(folder, program)))).map(([, name]) => name);
}

/** Lines that install them, in a folder that somebody else may be in. */
export function installCommands(place: Place): string[] {
  const compilers = missingCompilers(place);
  return [...(compilers.length === 0 ? [] : [debianPackages(place, ...compilers)]), `npm --prefix ${shellWord(place.checkout)} ci`];
}

export const PACKAGES: Check<"packages"> = {
  name: "packages",
  area: "installation",
  needs: ["node-version"],
  look: (place) => {
    const { checkout } = place;
    const folder = join(checkout, "node_modules");
    const locked = packagesIn(join(checkout, "package-lock.json"));
    if (locked === null) return trouble("packages", "no-lock", { folder: checkout, count: 0, example: "package-lock.json" });
    const isWanted = ([name, { optional, devOptional }]: [string, LockedPackage]): boolean => name !== "" && !optional && !devOptional;
    const wanted = Object.entries(locked).filter(isWanted);
    const facts = (names: readonly string[]) => ({ folder, count: names.length, example: (names[0] ?? "").replace("node_modules/", "") });
    const mend = { commands: installCommands(place) };
    if (!existsSync(folder)) return trouble("packages", "missing", facts(wanted.map(([name]) => name)), mend);
    const absent = wanted.filter(([name]) => !existsSync(join(checkout, name, "package.json"))).map(([name]) => name);
    // npm writes this file last.
    const unfinished = existsSync(join(folder, LAST_WRITTEN)) ? absent : [...absent, LAST_WRITTEN];
    if (unfinished.length > 0) return trouble("packages", "half-done", facts(unfinished), mend);
    const other = wanted.filter(([name, { version }]) => versionIn(join(checkout, name)) !== version);
    if (other.length > 0) return trouble("packages", "older", facts(other.map(([name]) => name)), mend);
    return ok("packages", "fine", facts(wanted.map(([name]) => name)));
  },
};

// Whether a browser is in a Snap or a Flatpak: such a one sees neither modules of this computer nor the bridge's socket, unless it is told to.

import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { type NssDatabase, nssDatabases } from "../desktop/nss-databases.ts";
import { moduleState, modulesFile } from "../desktop/nss-modules.ts";
import { shellWord } from "../desktop/shell-word.ts";
import { asRoot } from "./as-root.ts";
import { nssTools, softwareNames } from "./browsers.ts";
import type { Check } from "./check.ts";
import type { Code, FindingOf } from "./finding.ts";
import { ok, warning } from "./found.ts";
import { machineInstallCommand } from "./install-command.ts";
import type { Place } from "./place.ts";

/** Where the bridge listens for software that was told nothing, as flatpak names it. */
const SOCKET = "xdg-run/p11-kit";
/** p11-kit's client in the runtimes of Flathub, which are built like Debian: not the host's, but by the same path there. */
const RUNTIME_MODULE: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so",
  arm64: "/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so",
};

/** flatpak-override(1): what it wrote. */
function isSocketShown({ home, environment }: Place, application: string): boolean {
  const data = environment["XDG_DATA_HOME"];
  const folders = [data !== undefined && isAbsolute(data) ? data : join(home, ".local", "share"), "/var/lib"];
  return folders
    .flatMap((folder) => [application, "global"].map((name) => join(folder, "flatpak", "overrides", name)))
    .some((path) => existsSync(path) && /^filesystems=/m.test(readFileSync(path, "utf8")) && readFileSync(path, "utf8").includes(SOCKET));
}

const hasModule = ({ folder }: NssDatabase): boolean => ["there", "moved", "other-name"].includes(moduleState(folder, null));

/** Firefox's snap has OpenSC's module in it, and reaches pcscd when that is allowed (canonical/firefox-snap, pull requests 80 and 82). */
const hasOpensc = ({ folder }: NssDatabase): boolean =>
  existsSync(modulesFile(folder)) && readFileSync(modulesFile(folder), "utf8").includes("opensc-pkcs11.so");

type Confined = Exclude<Code<"confined">, "none" | "fine">;

/** null: it can see the token. */
function codeOf(place: Place, database: NssDatabase): Confined | null {
  const { confinement, application } = database;
  if (confinement === "flatpak") return isSocketShown(place, application) && hasModule(database) ? null : "flatpak";
  if (application !== "firefox") return "snap";
  return hasOpensc(database) ? null : "firefox-snap";
}

function commands(place: Place, code: Confined, { application, folder }: NssDatabase): string[] {
  if (code === "snap") return [];
  if (code === "firefox-snap") return [machineInstallCommand(place, "--pcsc"), asRoot(place, "snap connect firefox:pcscd")];
  const module = RUNTIME_MODULE[process.arch] ?? "p11-kit-client.so";
  return [
    ...nssTools(place),
    `flatpak override --user --filesystem=${SOCKET}/pkcs11 ${application}`,
    `modutil -force -dbdir ${shellWord(`sql:${folder}`)} -add Sceau -libfile ${module}`,
  ];
}

/** What can be mended by a command comes first. */
const ORDER: readonly Confined[] = ["flatpak", "firefox-snap", "snap"];

function answer(place: Place, all: readonly NssDatabase[]): FindingOf<"confined"> {
  // Who has the software as a plain package, too, can use that.
  const plain = new Set(all.filter(({ confinement }) => confinement === "none").map(({ software }) => software));
  const confined = all.filter(({ confinement, software }) => confinement !== "none" && !plain.has(software));
  for (const code of ORDER) {
    const found = confined.filter((database) => codeOf(place, database) === code);
    const [first] = found;
    if (first === undefined) continue;
    const facts = { software: softwareNames(found), application: first.application };
    const mender = code === "firefox-snap" || (code === "flatpak" && nssTools(place).length > 0) ? "administrator" : "user";
    return warning("confined", code, facts, { mender, commands: commands(place, code, first) });
  }
  return ok("confined", confined.length === 0 ? "none" : "fine", { software: softwareNames(confined), application: "" });
}

export const CONFINED: Check<"confined"> = {
  name: "confined",
  area: "suite",
  look: (place) => answer(place, nssDatabases(place.home, place.environment)),
};

// Browsers and mail: p11-kit's client, entered into the NSS databases that are there, by NSS's own modutil. None is made.

import type { Change } from "./change.ts";
import type { Desktop } from "./desktop.ts";
import { type NssDatabase, nssDatabases } from "./nss-databases.ts";
import { isInUse } from "./nss-in-use.ts";
import { hasOthersStill, MODULE_NAME, type ModuleState, moduleState, modulesFile } from "./nss-modules.ts";
import { shellWord } from "./shell-word.ts";
import { type Step, step } from "./step.ts";

/** Where the runtime of flatpaks has it, as Debian has. */
const RUNTIME_CLIENT = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";

/** Without a question: modutil wants to be told that the software is closed, which was looked at before. */
const modutil = (folder: string, ...words: readonly string[]): string[] => ["modutil", "-force", "-dbdir", `sql:${folder}`, ...words];
const add = (folder: string, library: string): string[] => modutil(folder, "-add", MODULE_NAME, "-libfile", library);
const remove = (folder: string): string[] => modutil(folder, "-delete", MODULE_NAME);

/** Reached when the database has our entry, or has none, and all others' still; else the file of modules is put back. */
function changing(words: readonly string[], folder: string, library: string | null, wanted: ModuleState): Change {
  const isDone = (before: string): boolean => {
    const state = moduleState(folder, library);
    return (wanted === "there" ? state === "there" : !OURS.has(state)) && hasOthersStill(folder, before);
  };
  return { kind: "run", words, keeps: modulesFile(folder), isDone };
}

const OURS: ReadonlySet<ModuleState> = new Set(["there", "moved"]);

type Known = Pick<Step, "name" | "part" | "where" | "software">;

const asLine = (words: readonly string[]): string => words.map(shellWord).join(" ");
const packages = ({ asRoot }: Desktop, name: string): string => `${asRoot}apt-get install -y --no-install-recommends ${name}`;

/** What stands between us and the database; null: nothing. */
function obstacle(database: NssDatabase, desktop: Desktop, known: Known): Step | null {
  if (desktop.find("modutil") === null)
    return step({ ...known, state: "cannot", reason: "no-modutil", commands: [packages(desktop, "libnss3-tools")] });
  if (isInUse(database, desktop.environment, desktop.home)) return step({ ...known, state: "cannot", reason: "in-use" });
  return null;
}

/** What a person may do for a browser in a sandbox. The sandbox is theirs to open: it is said, not done. */
function confined({ confinement, application, software, folder }: NssDatabase, known: Known, asRoot: string): Step {
  const byHand = { ...known, state: "by-hand" } as const;
  if (confinement === "flatpak") {
    const open = `flatpak override --user --filesystem=xdg-run/p11-kit/pkcs11 ${application}`;
    return step({ ...byHand, reason: "flatpak", commands: [open, asLine(add(folder, RUNTIME_CLIENT))] });
  }
  const connect = software === "firefox" ? [`${asRoot}snap connect ${application}:pcscd`] : [];
  return step({ ...byHand, reason: "snap", commands: connect });
}

function installInto(database: NssDatabase, desktop: Desktop): Step {
  const { folder, software, confinement } = database;
  const known = { name: "nss", part: "user", where: folder, software } as const;
  if (confinement !== "none") return confined(database, known, desktop.asRoot);
  const { module } = desktop;
  const state = moduleState(folder, module);
  if (state === "there") return step({ ...known, state: "done" });
  if (state === "other-name" || state === "proxy") return step({ ...known, state: "done", reason: state });
  if (state === "unreadable") return step({ ...known, state: "cannot", reason: state });
  if (state === "other-library") return step({ ...known, state: "foreign", reason: state, commands: [asLine(remove(folder))] });
  if (module === null) return step({ ...known, state: "cannot", reason: "no-client", commands: [packages(desktop, "p11-kit-modules")] });
  const blocked = obstacle(database, desktop, known);
  if (blocked !== null) return blocked;
  const changes = [
    ...(state === "moved" ? [changing(remove(folder), folder, module, "missing")] : []),
    changing(add(folder, module), folder, module, "there"),
  ];
  return step({ ...known, state: "to-do", changes });
}

/** A step for each database; when there is none, one that says so. */
export function installNss(desktop: Desktop): Step[] {
  const all = nssDatabases(desktop.home, desktop.environment);
  if (all.length === 0) return [step({ name: "nss", part: "user", state: "by-hand", reason: "no-database" })];
  return all.map((database) => installInto(database, desktop));
}

/** The entry is taken out of the databases that have it. */
export function uninstallNss(desktop: Desktop): Step[] {
  return nssDatabases(desktop.home, desktop.environment).flatMap((database) => {
    const { folder, software, confinement } = database;
    const known = { name: "nss", part: "user", where: folder, software } as const;
    // In a sandbox the entry is by the person's own hand.
    if (confinement !== "none" || !OURS.has(moduleState(folder, desktop.module))) return [];
    const changes = [changing(remove(folder), folder, desktop.module, "missing")];
    return [obstacle(database, desktop, known) ?? step({ ...known, state: "to-do", changes })];
  });
}

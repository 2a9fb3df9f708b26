// The machine's part, for whoever has administrator rights: the udev rule, and what PC/SC needs.

import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Change, Place } from "./change.ts";
import type { Desktop } from "./desktop.ts";
import { fileState, isOurs, readIfThere } from "./marked-file.ts";
import { isPcscSetUp, NETWORK_LIMIT_TEXT, pcscPlaces, pcscSetup, ROUTE_UNIT_NAME, ROUTE_UNIT_TEXT } from "./pcsc-setup.ts";
import { isStale, moveAway } from "./service-step.ts";
import { type Step, step } from "./step.ts";
import { findUdevRule, UDEV_RELOAD, UDEV_RULE, UDEV_RULE_FOLDERS, UDEV_RULE_TEXT, udevRuleFile } from "./udev-rule.ts";

const RELOAD: Change = { kind: "run", words: ["systemctl", "daemon-reload"], isReload: true };
/** What runs already gets the new limits; what does not run is not started. */
const RESTART_PCSCD: Change = { kind: "run", words: ["systemctl", "try-restart", "pcscd.service"] };

const ofMachine = (stays: string): Place => ({ stays, mode: 0o644, folderMode: 0o755, isForAll: true });
const units = ({ root }: Desktop): Place => ofMachine(join(root, "/etc/systemd/system"));

/** Whether systemd runs this machine: in a container there may be its programs, and no more. */
const hasSystemd = (desktop: Desktop): boolean =>
  desktop.find("systemctl") !== null && desktop.run(["systemctl", "show", "--property=Version"]).status === 0;

const foreign = (known: Pick<Step, "name" | "part">, path: string, asRoot: string): Step =>
  step({ ...known, where: path, state: "foreign", reason: "not-ours", commands: [`${asRoot}${moveAway(path)}`] });

/** udev may not be running, in a container; it reads its rules when it starts. */
const udevReload = (desktop: Desktop): Change[] =>
  desktop.find("udevadm") === null ? [] : UDEV_RELOAD.map((words) => ({ kind: "run", words, mayFail: true }));

/** Somebody wrote the same rule by hand, as transport/README.md shows it, or a package brings it: it does what is wanted, and stays theirs. */
function isRuleOfOthers(path: string): boolean {
  const text = readIfThere(path) ?? "";
  return UDEV_RULE.every((line) => text.includes(`${line}\n`));
}

function installUdevRule(desktop: Desktop): Step {
  const { root, asRoot } = desktop;
  const path = udevRuleFile(root);
  const known = { name: "udev-rule", part: "machine" } as const;
  const state = fileState(path, UDEV_RULE_TEXT);
  if (state === "foreign") return isRuleOfOthers(path) ? step({ ...known, where: path, state: "done" }) : foreign(known, path, asRoot);
  const packaged = findUdevRule(UDEV_RULE_FOLDERS.map((folder) => join(root, folder)));
  // An older one of a package's is hidden by ours: udev reads one file of each name (udev(7)).
  const isPackaged = state === "absent" && packaged !== null && isRuleOfOthers(packaged);
  if (state === "same" || isPackaged) return step({ ...known, where: packaged ?? path, state: "done" });
  const write: Change = {
    kind: "write",
    path,
    before: readIfThere(path),
    after: UDEV_RULE_TEXT,
    of: ofMachine(join(root, "/etc/udev/rules.d")),
  };
  return step({ ...known, where: path, state: "to-do", changes: [write, ...udevReload(desktop)] });
}

function installNetworkLimit(desktop: Desktop): Step {
  const path = pcscPlaces(desktop.root).networkLimit;
  const known = { name: "pcsc-network", part: "machine", where: path } as const;
  const state = pcscSetup(desktop.root).networkLimit;
  if (state === "foreign") return foreign(known, path, desktop.asRoot);
  const isRunning = hasSystemd(desktop);
  // A limit that systemd has not read limits nothing.
  if (state === "same" && !(isRunning && isStale(desktop, ["systemctl"], "pcscd.service"))) return step({ ...known, state: "done" });
  const write: Change = { kind: "write", path, before: readIfThere(path), after: NETWORK_LIMIT_TEXT, of: units(desktop) };
  const changes = [...(state === "same" ? [] : [write]), ...(isRunning ? [RELOAD, RESTART_PCSCD] : [])];
  return step({ ...known, state: "to-do", changes, ...(!isRunning && { reason: "no-systemd" }) });
}

function showPackages({ root, asRoot }: Desktop): Step {
  const { missingPackages: missing } = pcscSetup(root);
  const known = { name: "pcsc-packages", part: "machine" } as const;
  if (missing.length === 0) return step({ ...known, state: "done" });
  const commands = [`${asRoot}apt-get install -y --no-install-recommends ${missing.join(" ")}`];
  return step({ ...known, state: "cannot", reason: "packages", commands });
}

function installRoute(desktop: Desktop): Step {
  const { routeUnit, routeLink } = pcscPlaces(desktop.root);
  const known = { name: "pcsc-route", part: "machine", where: routeUnit } as const;
  const { route, isRouteEnabled } = pcscSetup(desktop.root);
  if (route === "foreign") return foreign(known, routeUnit, desktop.asRoot);
  const of = units(desktop);
  const files: Change[] = [
    ...(route === "same" ? [] : [{ kind: "write", path: routeUnit, before: readIfThere(routeUnit), after: ROUTE_UNIT_TEXT, of } as const]),
    ...(isRouteEnabled ? [] : [{ kind: "link", path: routeLink, target: `../${ROUTE_UNIT_NAME}`, of } as const]),
  ];
  if (!hasSystemd(desktop)) return step({ ...known, state: files.length === 0 ? "done" : "to-do", reason: "no-systemd", changes: files });
  const isActive = desktop.run(["systemctl", "is-active", "--quiet", ROUTE_UNIT_NAME]).status === 0;
  const isToReload = files.length > 0 || isStale(desktop, ["systemctl"], ROUTE_UNIT_NAME);
  const isToStart = isToReload || !isActive;
  const restart: Change = { kind: "run", words: ["systemctl", "restart", ROUTE_UNIT_NAME] };
  const changes = [...files, ...(isToReload ? [RELOAD] : []), ...(isToStart ? [restart] : [])];
  return step({ ...known, state: changes.length === 0 ? "done" : "to-do", changes });
}

/** @param isPcsc asked for; once set up it is kept up to date without being asked for */
export function machineSteps(desktop: Desktop, isPcsc: boolean): Step[] {
  const rule = installUdevRule(desktop);
  if (!isPcsc && !isPcscSetUp(desktop.root)) return [rule];
  // The limit first: a package that is installed afterwards starts within it.
  return [rule, installNetworkLimit(desktop), showPackages(desktop), installRoute(desktop)];
}

const removal = (path: string, of: Place): Change => {
  const isLink = lstatSync(path).isSymbolicLink();
  return { kind: "remove", path, before: isLink ? readlinkSync(path) : (readIfThere(path) ?? ""), of };
};

function uninstallFile(name: "udev-rule" | "pcsc-network", path: string, of: Place, after: () => readonly Change[]): Step {
  const known = { name, part: "machine", where: path } as const;
  const state = fileState(path, "");
  if (state === "absent") return step({ ...known, state: "done" });
  if (state === "foreign") return step({ ...known, state: "foreign", reason: "not-ours" });
  return step({ ...known, state: "to-do", changes: [removal(path, of), ...after()] });
}

function uninstallRoute(desktop: Desktop): Step {
  const { routeUnit, routeLink } = pcscPlaces(desktop.root);
  const known = { name: "pcsc-route", part: "machine", where: routeUnit } as const;
  const { route, isRouteEnabled } = pcscSetup(desktop.root);
  if (route === "foreign") return step({ ...known, state: "foreign", reason: "not-ours" });
  const of = units(desktop);
  const files = [...(isRouteEnabled ? [removal(routeLink, of)] : []), ...(isOurs(routeUnit) ? [removal(routeUnit, of)] : [])];
  if (files.length === 0) return step({ ...known, state: "done" });
  if (!hasSystemd(desktop)) return step({ ...known, state: "to-do", changes: files });
  const stop: Change = { kind: "run", words: ["systemctl", "stop", ROUTE_UNIT_NAME], mayFail: true };
  return step({ ...known, state: "to-do", changes: [stop, ...files, RELOAD] });
}

/** All of it, asked for with --pcsc or not. Debian's packages stay: others may use them. */
export function undoMachineSteps(desktop: Desktop): Step[] {
  const { root } = desktop;
  const rules = ofMachine(join(root, "/etc/udev/rules.d"));
  const again = (): Change[] => (hasSystemd(desktop) ? [RELOAD, RESTART_PCSCD] : []);
  return [
    uninstallFile("udev-rule", udevRuleFile(root), rules, () => udevReload(desktop)),
    uninstallRoute(desktop),
    uninstallFile("pcsc-network", pcscPlaces(root).networkLimit, units(desktop), again),
  ];
}

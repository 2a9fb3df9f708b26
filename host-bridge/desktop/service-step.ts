// The bridge as a service of the user's systemd: written, linked to the login, started.

import { readlinkSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Change, Place } from "./change.ts";
import type { Desktop } from "./desktop.ts";
import { fileState, look, readIfThere } from "./marked-file.ts";
import { isEnabled, SERVICE_NAME, servicePlaces, serviceUnit, userUnitFolder } from "./service-unit.ts";
import { shellWord } from "./shell-word.ts";
import { type Step, step } from "./step.ts";

const SYSTEMCTL = ["systemctl", "--user"] as const;
const RELOAD: Change = { kind: "run", words: [...SYSTEMCTL, "daemon-reload"], isReload: true };
const START = [...SYSTEMCTL, "enable", "--now", SERVICE_NAME].join(" ");

/** The whole unit. The service has an environment of its own, where XDG_STATE_HOME may not be. */
function wantedUnit({ node, program, stateWords, environment }: Desktop, isPcsc: boolean): string {
  const { XDG_STATE_HOME: states } = environment;
  // With a state folder that somebody chose the bridge leaves p11-kit's own place alone; the service is the everyday bridge, and wants it.
  const place = stateWords.length === 0 ? [] : ["--default-socket"];
  const words = [...stateWords, "bridge", ...place, ...(isPcsc ? ["--pcsc"] : [])];
  const variables: Record<string, string> = states !== undefined && isAbsolute(states) ? { XDG_STATE_HOME: states } : {};
  return serviceUnit({ node, program, words, variables });
}

const isReachable = (desktop: Desktop): boolean => desktop.run([...SYSTEMCTL, "show", "--property=Version"]).status === 0;
const isActive = (desktop: Desktop): boolean => desktop.run([...SYSTEMCTL, "is-active", "--quiet", SERVICE_NAME]).status === 0;

/**
 * Whether systemd has an older text of a unit than the files: somebody ended the installation before it was told.
 * @param systemctl with what says whose
 */
export const isStale = (desktop: Desktop, systemctl: readonly string[], unit: string): boolean =>
  desktop.run([...systemctl, "show", "--property=NeedDaemonReload", unit]).output.includes("=yes");

const placeOf = ({ environment, home }: Desktop): Place => ({
  stays: dirname(dirname(userUnitFolder(environment, home))),
  mode: 0o644,
  folderMode: 0o755,
});

/** @param isPcsc whether the bridge is to hold the readers, too */
export function installService(desktop: Desktop, isPcsc: boolean): Step {
  const places = servicePlaces(desktop.environment, desktop.home);
  const { unit, link } = places;
  const known = { name: "service", part: "user", where: unit } as const;
  if (desktop.find("systemctl") === null)
    return step({ ...known, state: "cannot", reason: "no-systemd", commands: [`${shellWord(desktop.program)} bridge`] });
  const after = wantedUnit(desktop, isPcsc);
  const state = fileState(unit, after);
  const isLinked = isEnabled(places);
  const inTheWay = state === "foreign" ? unit : link;
  if (state === "foreign" || (!isLinked && look(link) !== undefined))
    return step({ ...known, where: inTheWay, state: "foreign", reason: "not-ours", commands: [moveAway(inTheWay)] });
  const isThere = isReachable(desktop);
  const runs = isThere && isActive(desktop);
  const of = placeOf(desktop);
  const files: Change[] = [
    ...(state === "same" ? [] : [{ kind: "write", path: unit, before: readIfThere(unit), after, of } as const]),
    ...(isLinked ? [] : [{ kind: "link", path: link, target: `../${SERVICE_NAME}`, of } as const]),
  ];
  const isToReload = files.length > 0 || (isThere && isStale(desktop, SYSTEMCTL, SERVICE_NAME));
  const verb = runs ? "restart" : "start";
  const isToStart = !runs || state !== "same" || (isToReload && files.length === 0);
  const commands: Change[] = [
    ...(isToReload ? [RELOAD] : []),
    ...(isToStart ? [{ kind: "run", words: [...SYSTEMCTL, verb, SERVICE_NAME] } as const] : []),
  ];
  const changes = [...files, ...(isThere ? commands : [])];
  const later = isThere ? {} : ({ reason: "next-login", commands: [START] } as const);
  return step({ ...known, ...later, state: changes.length === 0 ? "done" : "to-do", changes });
}

/** @param folder where it goes, when programs read all of its own */
export const moveAway = (path: string, folder: string = dirname(path)): string =>
  `mv ${shellWord(path)} ${shellWord(join(folder, `${basename(path)}.old`))}`;

export function uninstallService(desktop: Desktop): Step {
  const places = servicePlaces(desktop.environment, desktop.home);
  const { unit, link } = places;
  const known = { name: "service", part: "user", where: unit } as const;
  const state = fileState(unit, "");
  if (state === "foreign") return step({ ...known, state: "foreign", reason: "not-ours" });
  const of = placeOf(desktop);
  const files: Change[] = [
    ...(isEnabled(places) ? [{ kind: "remove", path: link, before: readlinkSync(link), of } as const] : []),
    ...(state === "absent" ? [] : [{ kind: "remove", path: unit, before: readIfThere(unit) ?? "", of } as const]),
  ];
  if (files.length === 0) return step({ ...known, state: "done" });
  if (desktop.find("systemctl") === null || !isReachable(desktop)) return step({ ...known, state: "to-do", changes: files });
  const stop: Change = { kind: "run", words: [...SYSTEMCTL, "stop", SERVICE_NAME], mayFail: true };
  return step({ ...known, state: "to-do", changes: [stop, ...files, RELOAD] });
}

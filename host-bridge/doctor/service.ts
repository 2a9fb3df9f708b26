// The systemd service that runs the bridge from login to logout. A bridge that somebody started by hand does as well, until its terminal is closed.

import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isOurs } from "../desktop/marked-file.ts";
import { isPcscSetUp } from "../desktop/pcsc-setup.ts";
import { SERVICE_NAME, servicePlaces } from "../desktop/service-unit.ts";
import { shellWord } from "../desktop/shell-word.ts";
import { asRoot } from "./as-root.ts";
import { askProgram } from "./ask-program.ts";
import { bridgeState } from "./bridge-socket.ts";
import type { Check } from "./check.ts";
import type { Code, FindingOf } from "./finding.ts";
import { ok, warning } from "./found.ts";
import { installCommand } from "./install-command.ts";
import type { Place } from "./place.ts";

const PROPERTIES = ["LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "ExecMainStatus", "NeedDaemonReload"] as const;
type Properties = Readonly<Partial<Record<(typeof PROPERTIES)[number], string>>>;

/** null: this session has no systemd of the user's. */
function askSystemd(place: Place): Properties | null {
  const told = askProgram(place, "systemctl", ["--user", "show", SERVICE_NAME, `--property=${PROPERTIES.join(",")}`]);
  if (told === null || told.status !== 0) return null;
  return Object.fromEntries(told.text.split("\n").flatMap((line) => (line.includes("=") ? [line.split("=", 2)] : [])));
}

/** The words of ExecStart=, as systemd.syntax(7) quotes them. */
function startWords(unit: string): string[] {
  const line = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "";
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) =>
    word
      .replace(/^"|"$/g, "")
      .replace(/\\(["\\])/g, "$1")
      .replaceAll("%%", "%")
      .replaceAll("$$", "$"),
  );
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the file itself has wrong; null: nothing. */
function fileFault(place: Place, path: string): { readonly code: Code<"service">; readonly reason: string } | null {
  if (!isReadable(path)) return { code: "unreadable", reason: "" };
  if (!isOurs(path)) return { code: "foreign", reason: "" };
  const words = startWords(readFileSync(path, "utf8"));
  const [node = "", program = ""] = words;
  const gone = [node, program].find((file) => !existsSync(file));
  if (gone !== undefined) return { code: "gone", reason: gone };
  if (program !== join(place.checkout, "cli", "sceau.mjs")) return { code: "other-checkout", reason: program };
  return isPcscSetUp(place.root) && !words.includes("--pcsc") ? { code: "no-pcsc", reason: "" } : null;
}

const control = (words: string): string => `systemctl --user ${words} ${SERVICE_NAME}`;

/** What systemd says of it, when the file is well. @param isBridgeRunning by this service, or by hand */
function loaded(path: string, told: Properties, isBridgeRunning: boolean): FindingOf<"service"> {
  const reason = [told.Result, told.ExecMainStatus].filter((text) => text !== undefined && text !== "").join(" ");
  const facts = { path, reason };
  if (told.LoadState !== "loaded" || told.NeedDaemonReload === "yes")
    return warning("service", "not-loaded", facts, { commands: ["systemctl --user daemon-reload", control("enable --now")] });
  // It is tried again every few seconds, until the other one has ended.
  if (told.SubState === "auto-restart" && isBridgeRunning) return ok("service", "waiting", facts);
  if (told.ActiveState === "failed" || told.SubState === "auto-restart")
    return warning("service", "failed", facts, { commands: [`journalctl --user -n 20 -u ${SERVICE_NAME}`, control("restart")] });
  if (told.UnitFileState !== "enabled") return warning("service", "not-enabled", facts, { commands: [control("enable --now")] });
  return ok("service", told.ActiveState === "inactive" ? "stopped" : "fine", facts);
}

/** How the bridge is started where the service is there and can be; null: it is not. */
export function serviceStart(place: Place): string | null {
  const { unit } = servicePlaces(place.environment, place.home);
  if (place.state.option !== "" || !existsSync(unit) || fileFault(place, unit) !== null) return null;
  return askSystemd(place)?.LoadState === "loaded" ? control("restart") : null;
}

export const SERVICE: Check<"service"> = {
  name: "service",
  area: "suite",
  // It runs the everyday bridge.
  concerns: ({ state }) => state.option === "",
  look: async (place) => {
    const { unit: path } = servicePlaces(place.environment, place.home);
    const told = askSystemd(place);
    const install = installCommand(place);
    if (!existsSync(path)) {
      const facts = { path, reason: "" };
      return told === null ? ok("service", "no-systemd", facts) : warning("service", "missing", facts, { commands: [install] });
    }
    const fault = fileFault(place, path);
    if (fault !== null) {
      const word = shellWord(path);
      const before: Partial<Record<Code<"service">, string>> = {
        foreign: `mv ${word} ${word}.old`,
        unreadable: asRoot(place, `chown ${shellWord(place.machine.userName(place.machine.uid))} ${word}`),
      };
      const commands = [before[fault.code], install].filter((command) => command !== undefined);
      const mender = fault.code === "unreadable" ? "administrator" : "user";
      return warning("service", fault.code, { path, reason: fault.reason }, { mender, commands });
    }
    if (told === null) return ok("service", "no-systemd", { path, reason: "" });
    return loaded(path, told, (await bridgeState(place.state.pkcs11Socket)) === "fine");
  },
};

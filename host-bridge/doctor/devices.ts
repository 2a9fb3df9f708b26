// Whether the user may open tokens on USB: a rule of udev's lets whoever sits at the computer.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { USB_NAME } from "../../protocol/usb.ts";
import { isOurs } from "../desktop/marked-file.ts";
import { shellWord } from "../desktop/shell-word.ts";
import { findUdevRule, UDEV_RULE, udevRuleFile } from "../desktop/udev-rule.ts";
import { isLikelyToken, usbNamesOf, usbSerialNames } from "../sources/usb-serial.ts";
import { asRoot } from "./as-root.ts";
import type { Check } from "./check.ts";
import { ok, trouble, warning } from "./found.ts";
import { machineInstallCommand } from "./install-command.ts";
import type { Place } from "./place.ts";

/** hidraw devices that call themselves Sceau, by the kernel's own list. */
function hidFiles({ sys, dev }: Place["devices"]): string[] {
  const folder = join(sys, "class", "hidraw");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => {
      const told = join(folder, name, "device", "uevent");
      return existsSync(told) && new RegExp(`^HID_NAME=.*\\b${USB_NAME}\\b`, "m").test(readFileSync(told, "utf8"));
    })
    .map((name) => join(dev, name));
}

async function serialFiles({ sys, dev }: Place["devices"]): Promise<string[]> {
  const names = await usbSerialNames(sys);
  const likely = await Promise.all(
    names.map(async (name) => {
      const usb = await usbNamesOf(sys, name);
      return usb !== null && isLikelyToken(usb);
    }),
  );
  return names.filter((_, index) => likely[index]).map((name) => join(dev, name));
}

/** Writes to each new serial port, unless the rule says of which not. */
const MODEM_MANAGER = "ModemManager";

/** Lines of a rule as udev reads them: without comments and empty ones. */
const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));

/** Whether the file says what ours says, whoever wrote it. */
function isRuleOfToday(path: string): boolean {
  const lines = linesOf(readFileSync(path, "utf8"));
  return UDEV_RULE.every((line) => lines.includes(line));
}

/** `sceau install` leaves a file of its name alone that it did not write: it is moved away first. A package's, elsewhere, is hidden by ours. */
function commands(place: Place, rule: string | null): string[] {
  const word = shellWord(rule ?? "");
  const isInTheWay = rule !== null && rule === udevRuleFile(place.root) && !isOurs(rule) && !isRuleOfToday(rule);
  const away = isInTheWay ? [asRoot(place, `mv ${word} ${word}.old`)] : [];
  return [...away, machineInstallCommand(place)];
}

export const DEVICES: Check<"devices"> = {
  name: "devices",
  area: "rights",
  look: async (place) => {
    const { machine, udevRules, root } = place;
    const rule = findUdevRule(udevRules);
    const plugged = [...hidFiles(place.devices), ...(await serialFiles(place.devices))];
    const forbidden = plugged.find((path) => !machine.mayOpen(path));
    const mend = { mender: "administrator", commands: commands(place, rule) } as const;
    const facts = { rule: rule ?? udevRuleFile(root), device: forbidden ?? "" };
    const isAsItShould = rule !== null && isRuleOfToday(rule);
    if (forbidden !== undefined && isAsItShould) return trouble("devices", "not-at-the-screen", facts, { mender: "user" });
    if (forbidden !== undefined) return trouble("devices", "forbidden", facts, mend);
    if (isAsItShould) return ok("devices", "fine", facts);
    if (machine.isRunning(MODEM_MANAGER)) return warning("devices", "modem-manager", facts, mend);
    return warning("devices", rule === null ? "no-rule" : "older-rule", facts, mend);
  },
};

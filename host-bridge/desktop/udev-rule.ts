// The rule by which udev lets whoever sits at the computer open tokens on USB, and the one place where it is written. transport/README.md shows it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { MARK } from "./marked-file.ts";

/** Before 73-seat-late.rules, which gives the rights that `uaccess` asks for. */
const RULE_FILE = "70-sceau.rules";

export const UDEV_RULE = [
  'KERNEL=="hidraw*", SUBSYSTEM=="hidraw", ATTRS{product}=="Sceau*", TAG+="uaccess"',
  'SUBSYSTEM=="tty", ATTRS{product}=="Sceau*|Espruino", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"',
] as const;

export const UDEV_RULE_TEXT = `${[MARK, ...UDEV_RULE].join("\n")}\n`;

/** Where udev reads rules, in the order in which a file of one hides that of the next (udev(7)); the first is the administrator's. */
export const UDEV_RULE_FOLDERS: readonly string[] = [
  "/etc/udev/rules.d",
  "/run/udev/rules.d",
  "/usr/lib/udev/rules.d",
  "/lib/udev/rules.d",
];

/** What makes udev read a new rule, and look again at what is plugged in. */
export const UDEV_RELOAD: readonly (readonly string[])[] = [
  ["udevadm", "control", "--reload"],
  ["udevadm", "trigger", "--subsystem-match=hidraw", "--subsystem-match=tty"],
];

/** Where `sceau install` writes it. @param root prefix of the machine's files */
export const udevRuleFile = (root: string): string => join(root, "/etc/udev/rules.d", RULE_FILE);

/** The rule's file, whoever wrote it: a package may bring it. null: there is none. @param folders of UDEV_RULE_FOLDERS */
export function findUdevRule(folders: readonly string[]): string | null {
  return folders.map((folder) => join(folder, RULE_FILE)).find((path) => existsSync(path)) ?? null;
}

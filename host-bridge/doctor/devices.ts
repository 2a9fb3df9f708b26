// Whether the user may open tokens on USB: a rule of udev's lets whoever sits at the computer. The only part of Sceau that wants root beside Debian packages.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { USB_NAME } from "../../protocol/usb.ts";
import { isLikelyToken, usbNamesOf, usbSerialNames } from "../sources/usb-serial.ts";
import { asRoot } from "./as-root.ts";
import type { Check } from "./check.ts";
import { ok, trouble, warning } from "./found.ts";
import type { Place } from "./place.ts";

const RULE_FILE = "70-sceau.rules";
/** As transport/README.md has it. */
const RULES = [
  'KERNEL=="hidraw*", SUBSYSTEM=="hidraw", ATTRS{product}=="Sceau*", TAG+="uaccess"',
  'SUBSYSTEM=="tty", ATTRS{product}=="Sceau*|Espruino", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"',
] as const;

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

function installRule(place: Place): string[] {
  const lines = RULES.map((line) => `'${line}'`).join(" ");
  return [
    `printf '%s\\n' ${lines} | ${asRoot(place, `tee ${join(place.udevRules[0] ?? "", RULE_FILE)}`)}`,
    asRoot(place, "udevadm control --reload"),
    asRoot(place, "udevadm trigger"),
  ];
}

export const DEVICES: Check<"devices"> = {
  name: "devices",
  area: "rights",
  look: async (place) => {
    const rule = place.udevRules.map((folder) => join(folder, RULE_FILE)).find((path) => existsSync(path));
    const plugged = [...hidFiles(place.devices), ...(await serialFiles(place.devices))];
    const forbidden = plugged.find((path) => !place.machine.mayOpen(path));
    const mend = { mender: "administrator", commands: installRule(place) } as const;
    const facts = { rule: rule ?? join(place.udevRules[0] ?? "", RULE_FILE), device: forbidden ?? "" };
    if (forbidden !== undefined) return trouble("devices", "forbidden", facts, mend);
    return rule === undefined ? warning("devices", "no-rule", facts, mend) : ok("devices", "fine", facts);
  },
};

// What `sceau sim --usb` says, in English. French has the same keys (usb-fr.ts).

import type { UsbChange } from "../../simulator/usbip/usbip-server.ts";

export const usbEn = {
  offered: (address: string) => `It is on USB/IP too, at ${address}. This plugs it into this machine:`,
  howToUnplug: (name: string) => `To pull it out of USB, and to put it in again: sceau sim ${name} --unplug, sceau sim ${name} --replug`,
  change: {
    attached: "> attached to USB",
    detached: "< detached from USB",
    unplugged: "The USB plug is out.",
    replugged: "The USB plug is in again. It has to be attached anew (usbip attach).",
  } satisfies Record<UsbChange, string> as Record<UsbChange, string>,
};

// Ce que dit `sceau sim --usb`, en français.

import type { usbEn } from "./usb-en.ts";

export const usbFr: typeof usbEn = {
  offered: (address) => `Il est aussi offert par USB/IP, à ${address}. Pour le brancher sur cette machine :`,
  howToUnplug: (name) => `Pour le débrancher de l'USB et le rebrancher : sceau sim ${name} --unplug, sceau sim ${name} --replug`,
  change: {
    attached: "> branché en USB",
    detached: "< débranché de l'USB",
    unplugged: "La prise USB est débranchée.",
    replugged: "La prise USB est rebranchée. Il faut l'attacher de nouveau (usbip attach).",
  },
};

// Which USB device a serial port belongs to, as the Linux kernel tells it under /sys. (serialport's own list starts `udevadm` each time,
// which small machines lack, and which costs more than a look four times a second may.)

import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { USB_NAME } from "../../protocol/usb.ts";

/** CDC ACM, and UART bridges. */
const USB_SERIAL = /^tty(ACM|USB)\d+$/;
/** From the tty's interface up to the USB device: two steps for ttyACM, three for ttyUSB. */
const MAX_STEPS = 4;

export interface UsbNames {
  readonly manufacturer: string;
  readonly product: string;
}

/** Names of the USB serial ports: `ttyACM0`. */
export async function usbSerialNames(sys: string): Promise<string[]> {
  const names = await readdir(join(sys, "class/tty")).catch(() => []); // no Linux, or a kernel without terminals
  return names.filter((name) => USB_SERIAL.test(name));
}

const text = (path: string): Promise<string | null> =>
  readFile(path, "utf8").then(
    (content) => content.trim(),
    () => null,
  );

/** null: it is no USB device, or has gone meanwhile */
export async function usbNamesOf(sys: string, name: string): Promise<UsbNames | null> {
  let folder = await realpath(join(sys, "class/tty", name, "device")).catch(() => null);
  for (let step = 0; folder !== null && step < MAX_STEPS; step++) {
    if ((await text(join(folder, "idVendor"))) !== null) {
      return { manufacturer: (await text(join(folder, "manufacturer"))) ?? "", product: (await text(join(folder, "product"))) ?? "" };
    }
    folder = dirname(folder);
  }
  return null;
}

/**
 * Whether a port may be opened without being asked for: bytes that are sent to a stranger's device may do harm there. So only what names itself
 * Sceau; and boards whose interpreter names itself Espruino (nRF52 boards do), because its scripts can't change the name. Espruino's STM32
 * boards tell nothing but ST's example names and numbers (0483:5740), as do many printers and flight controllers: those want `--serial`.
 */
export function isLikelyToken({ manufacturer, product }: UsbNames): boolean {
  return [manufacturer, product].some((name) => /\bEspruino\b/.test(name) || new RegExp(`\\b${USB_NAME}\\b`).test(name));
}

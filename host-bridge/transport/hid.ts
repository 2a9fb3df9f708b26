// A token's HID interface: each report is one packet.

import { PACKET_BYTES } from "../../protocol/packet.ts";
import { HID_REPORT_ID } from "../../protocol/usb.ts";
import { checkMayOpen } from "./device-file.ts";
import type { HidDevice, HidLibrary } from "./hid-library.ts";
import { PacketLink } from "./packet-link.ts";
import { PortBusyError } from "./port-error.ts";
import type { Transport } from "./transport.ts";

/** @throws PortForbiddenError, PortBusyError */
export async function openHidTransport(library: HidLibrary, path: string): Promise<Transport> {
  await checkMayOpen("hid", path);
  let device: HidDevice;
  try {
    device = await library.open(path);
  } catch (cause) {
    throw new PortBusyError(cause instanceof Error ? cause.message : `${path} cannot be opened`, { cause });
  }
  return hidTransport(device, path);
}

/** The transport over an open device; closing it closes the device. */
export function hidTransport(device: HidDevice, name: string): Transport {
  let isOpen = true;
  let hasGone = (): void => {};
  const gone = new Promise<void>((resolve) => {
    hasGone = resolve;
  });
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    device
      .close()
      .catch(() => {})
      .then(hasGone); // one that was unplugged may not close in order
  };
  device.on("error", close); // how reading ends when the device is unplugged
  let writing: Promise<unknown> = Promise.resolve(); // each report after the one before: node-hid writes from a pool of threads
  const send = (packet: Uint8Array): void => {
    const report = Buffer.from([HID_REPORT_ID, ...packet]);
    writing = writing.then(() => (isOpen ? device.write(report) : undefined)).catch(close);
  };
  const link = new PacketLink({
    send,
    onPacket: (take) => {
      device.on("data", (report) => {
        if (isOpen && report.length === PACKET_BYTES) take(new Uint8Array(report));
      });
    },
    gone,
  });
  return { name, gone, openChannel: () => link.openChannel(), close };
}

// serialport, loaded when a serial port is opened; and a port of it, open, which is this process's alone.

import { createRequire } from "node:module";
import type { SerialPort } from "serialport";
import { checkMayOpen } from "./device-file.ts";
import { LibraryMissingError, NoPortError, PortBusyError } from "./port-error.ts";

/** CDC has no speed; a real UART wants one that both sides know. */
const BAUD = 115_200;
/** ENOTTY, as serialport tells it; and what it says of a folder. */
const NO_TERMINAL = /Inappropriate ioctl|Not a tty|ENOTTY|Is a directory/i;

type SerialLibrary = typeof import("serialport");

function loadSerialport(): SerialLibrary {
  try {
    return createRequire(import.meta.url)("serialport") as SerialLibrary;
  } catch (cause) {
    const [reason = ""] = (cause instanceof Error ? cause.message : "unknown").split("\n");
    throw new LibraryMissingError("serial", reason, { cause });
  }
}

/**
 * Opens the port, locked (flock, TIOCEXCL): a second process that wants it is told that it is busy. Nothing is sent.
 * @param flow `xon`: the kernel heeds XOFF and XON, which are no data then (it sends none itself: a console would take them for typed)
 * @throws PortForbiddenError, PortBusyError, NoPortError, LibraryMissingError
 */
export async function openSerialPort(path: string, flow: { readonly xon?: true } = {}): Promise<SerialPort> {
  await checkMayOpen("serial", path);
  const { SerialPort } = loadSerialport();
  const port = new SerialPort({ path, baudRate: BAUD, lock: true, ...flow, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((cause) => {
      if (cause === null) resolve();
      else reject(NO_TERMINAL.test(cause.message) ? new NoPortError(path, { cause }) : new PortBusyError(cause.message, { cause }));
    });
  });
  return port;
}

/** Closes it, whatever state it is in; resolves when another may open it. */
export function closeSerialPort(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (!port.isOpen && !port.closing) resolve();
    else {
      port.once("close", () => resolve());
      if (!port.closing) port.close(() => resolve());
    }
  });
}

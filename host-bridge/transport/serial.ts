// A token on a serial port (USB CDC): the same packets, as bytes.

import { createRequire } from "node:module";
import type { SerialPort } from "serialport";
import { checkMayOpen } from "./device-file.ts";
import { PacketFinder } from "./packet-finder.ts";
import { PacketLink } from "./packet-link.ts";
import { LibraryMissingError, PortBusyError } from "./port-error.ts";
import { type Transport, TransportError } from "./transport.ts";

/** CDC has no speed; a real UART wants one that both sides know. */
const BAUD = 115_200;
/** What was on its way before the port was opened has come when nothing came for so long. */
const QUIET_MS = 100;
/** A port that still talks after this is no token: nothing is sent to it. */
const QUIET_LIMIT_MS = 1000;

type SerialLibrary = typeof import("serialport");

function loadSerialport(): SerialLibrary {
  try {
    return createRequire(import.meta.url)("serialport") as SerialLibrary;
  } catch (cause) {
    const [reason = ""] = (cause instanceof Error ? cause.message : "unknown").split("\n");
    throw new LibraryMissingError("serial", reason, { cause });
  }
}

/** Throws away what comes until nothing comes any more. */
function untilQuiet(port: SerialPort, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      clearTimeout(quiet);
      clearTimeout(limit);
      port.removeListener("data", again);
      port.removeListener("close", left);
      act();
    };
    const again = (): void => void quiet.refresh();
    const left = (): void => finish(() => reject(new TransportError("gone", `${path} went while it was opened`)));
    const quiet = setTimeout(() => finish(resolve), QUIET_MS);
    const limit = setTimeout(() => {
      finish(() => reject(new TransportError("confused", `${path} talks without being asked: no token is there`)));
    }, QUIET_LIMIT_MS);
    port.on("data", again);
    port.once("close", left);
  });
}

/**
 * Opens the port and sends nothing yet: the first packet is the INIT of the first channel.
 * @throws PortForbiddenError, PortBusyError, LibraryMissingError; TransportError `confused` when the port talks all the time
 */
export async function openSerialTransport(path: string): Promise<Transport> {
  await checkMayOpen("serial", path);
  const { SerialPort } = loadSerialport();
  const port = new SerialPort({ path, baudRate: BAUD, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((cause) => (cause === null ? resolve() : reject(new PortBusyError(cause.message, { cause }))));
  });
  const close = (): void => {
    if (port.isOpen && !port.closing) port.close(() => {});
  };
  port.on("error", close);
  const gone = new Promise<void>((resolve) => {
    port.once("close", () => resolve());
  });
  try {
    await untilQuiet(port, path);
  } catch (error) {
    close();
    throw error;
  }
  const finder = new PacketFinder();
  const link = new PacketLink({
    send: (packet) => {
      if (port.isOpen) port.write(packet);
    },
    onPacket: (take) => {
      port.on("data", (bytes: Uint8Array) => {
        for (const packet of finder.accept(bytes)) take(packet);
      });
    },
    gone,
  });
  return { name: path, gone, openChannel: () => link.openChannel(), close };
}

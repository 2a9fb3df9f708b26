// A board's serial port, opened as a console or as a token's cable.

import { existsSync } from "node:fs";
import type { SerialPort } from "serialport";
import { openSerialTransport } from "../transport/serial.ts";
import { closeSerialPort, openSerialPort } from "../transport/serial-library.ts";
import type { BoardPort } from "./board-session.ts";
import { FlashingError } from "./flashing-error.ts";

/** @throws FlashingError `no-such-port` when it is opened */
export function serialBoardPort(path: string): BoardPort {
  return {
    openConsole: async () => {
      if (!existsSync(path)) throw new FlashingError("no-such-port", path);
      // A board says stop (XOFF) when its line buffer is full. As a cable every byte is data.
      return openSerialPort(path, { xon: true });
    },
    closeConsole: (port) => closeSerialPort(port as unknown as SerialPort),
    openToken: () => openSerialTransport(path),
  };
}

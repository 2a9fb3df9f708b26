// A token on a serial port (USB CDC): the same packets, each in a frame (protocol/serial-frame.ts).

import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import type { SerialPort } from "serialport";
import { BROADCAST_CHANNEL, CMD_INIT, NONCE_BYTES, splitMessage } from "../../protocol/packet.ts";
import { FrameReader, FrameWriter, type TextCrc32 } from "../../protocol/serial-frame.ts";
import { PacketLink } from "./packet-link.ts";
import { closeSerialPort, openSerialPort } from "./serial-library.ts";
import { type Transport, TransportError } from "./transport.ts";

/** What was on its way before the port was opened has come when nothing came for so long. */
const QUIET_MS = 100;
/** A port that still talks after this is no token: nothing is sent to it. */
const QUIET_LIMIT_MS = 1000;

const CRC_BYTES = 4;
const FIRST_PRINTABLE = 0x20;

const textCrc32: TextCrc32 = (text) => crc32(typeof text === "string" ? Buffer.from(text, "latin1") : text);

/**
 * A nonce with which the frame of the first INIT has none of the characters that a console obeys (Ctrl-C, newline, the beginning of a transfer, …)
 * among those that chance brings: what asks may be another program's board.
 */
function harmlessNonce(): Uint8Array {
  for (;;) {
    const payload = new Uint8Array(randomBytes(NONCE_BYTES));
    const [packet = payload] = splitMessage({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload });
    const frame = new FrameWriter(textCrc32).frame(packet);
    if ([...payload, ...frame.subarray(-CRC_BYTES)].every((byte) => byte >= FIRST_PRINTABLE)) return payload;
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

/** The transport over an open port; closing it closes the port. */
export function serialTransport(port: SerialPort, name: string): Transport {
  const close = (): void => void closeSerialPort(port);
  port.on("error", close);
  const gone = new Promise<void>((resolve) => {
    port.once("close", () => resolve());
  });
  const reader = new FrameReader(textCrc32);
  const writer = new FrameWriter(textCrc32);
  const link = new PacketLink({
    send: (packet) => {
      if (port.isOpen) port.write(writer.frame(packet));
    },
    onPacket: (take) => {
      port.on("data", (bytes: Buffer) => {
        for (const packet of reader.take(bytes.toString("latin1"))) take(new Uint8Array(Buffer.from(packet, "latin1")));
      });
    },
    gone,
    nonce: harmlessNonce,
  });
  return { name, gone, openChannel: () => link.openChannel(), close };
}

/**
 * Opens the port and sends nothing yet: the first packet is the INIT of the first channel.
 * @throws PortForbiddenError, PortBusyError, LibraryMissingError; TransportError `confused` when the port talks all the time
 */
export async function openSerialTransport(path: string): Promise<Transport> {
  const port = await openSerialPort(path);
  try {
    await untilQuiet(port, path);
  } catch (error) {
    await closeSerialPort(port);
    throw error;
  }
  return serialTransport(port, path);
}

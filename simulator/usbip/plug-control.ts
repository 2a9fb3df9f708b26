// How another process pulls a running simulator's USB plug, and puts it in again: a unix socket in the token's folder, one word each way.

import { connect, type Socket } from "node:net";
import { type Listening, listenAtOwnSocket } from "../own-socket.ts";
import type { UsbPlug } from "./usbip-server.ts";

export type PlugCommand = "unplug" | "replug";

const DONE = "done\n";
const MAX_WORD_BYTES = 16;
const LIMIT_MS = 5000;

function obey(socket: Socket, plug: Pick<UsbPlug, PlugCommand>): void {
  let word = "";
  socket.setTimeout(LIMIT_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    word += bytes.toString("latin1");
    if (word === "unplug\n") plug.unplug();
    else if (word === "replug\n") plug.replug();
    else {
      if (word.length > MAX_WORD_BYTES || word.includes("\n")) socket.destroy();
      return;
    }
    socket.end(DONE);
  });
}

/** Listens on `path`, as own-socket.ts has it. */
export function listenForPlugCommands(path: string, plug: Pick<UsbPlug, PlugCommand>): Promise<Listening> {
  return listenAtOwnSocket(path, (socket) => obey(socket, plug));
}

/** Tells the simulator whose folder has the socket; false: none is running with a USB plug. */
export function commandPlug(path: string, command: PlugCommand): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(path, () => socket.write(`${command}\n`));
    socket.setTimeout(LIMIT_MS, () => socket.destroy());
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
    });
    socket.on("error", () => socket.destroy()); // ENOENT, ECONNREFUSED; `close` follows
    socket.on("close", () => resolve(answer === DONE));
  });
}

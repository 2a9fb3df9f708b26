// How another process pulls a running simulator's USB plug, and puts it in again: a unix socket in the token's folder, one word each way.

import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
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

/** Listens on `path` (replaced when it exists), mode 0600. */
export async function listenForPlugCommands(path: string, plug: Pick<UsbPlug, PlugCommand>): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    obey(socket, plug);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
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

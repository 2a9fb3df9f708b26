// The socket where p11-kit's client finds the bridge.

import { chmodSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Services } from "./application/services.ts";
import { BridgeRunningError } from "./bridge-running.ts";
import { RpcConnection } from "./connection.ts";
import type { SlotList } from "./slots/slot.ts";

/** What connect() says when nobody listens: no file, a socket that a killed bridge left behind, a file that is no socket. */
const NOBODY_THERE: ReadonlySet<string | undefined> = new Set(["ENOENT", "ECONNREFUSED", "ENOTSOCK"]);

let servers = 0;

/** @throws BridgeRunningError when something listens on `path`; the system's error when that cannot be found out */
export function checkNobodyListens(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause?: Error): void => reject(new BridgeRunningError(`a bridge is running at ${path}`, { cause }));
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      refuse();
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (NOBODY_THERE.has(error.code)) resolve();
      else if (error.code === "EAGAIN")
        refuse(error); // it listens, and has more callers than it can take just now
      else reject(error);
    });
  });
}

/**
 * Listens under a name of its own, which then takes the place of `path`: so the socket is there only when it has its mode, and closing
 * (where libuv removes the name that it listened under) never removes the socket of another bridge.
 */
async function listen(server: Server, path: string): Promise<void> {
  const ownName = join(dirname(path), `.${process.pid.toString(36)}-${(++servers).toString(36)}`);
  rmSync(ownName, { force: true }); // of a killed bridge that had the same process number
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(ownName, resolve);
  });
  try {
    chmodSync(ownName, 0o600);
    renameSync(ownName, path);
  } catch (error) {
    server.close();
    throw error;
  }
}

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;

/**
 * Listens on `path` (a socket that nobody serves is replaced) with mode 0600 in a folder of mode 0700.
 * @throws BridgeRunningError when another bridge listens there
 */
export async function servePkcs11(path: string, slots: SlotList, services: Services): Promise<{ close(): Promise<void> }> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await checkNobodyListens(path);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    new RpcConnection(socket, slots, services);
  });
  await listen(server, path);
  server.on("error", () => {}); // an application that could not be taken in (EMFILE): it sees that itself, the others go on
  const inode = inodeOf(path);
  return {
    close: () =>
      new Promise((resolve) => {
        if (inodeOf(path) === inode) rmSync(path, { force: true });
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

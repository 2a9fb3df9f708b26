// A unix socket that only its owner reaches.

import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";

export interface Listening {
  /** Ends the connections, too. */
  close(): Promise<void>;
}

/** Listens on `path` (replaced when it exists) with mode 0600, in a folder that is made with mode 0700 when there is none. */
export async function listenAtOwnSocket(path: string, serve: (socket: Socket) => void): Promise<Listening> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket);
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

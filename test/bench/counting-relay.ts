// Stands between two programs on a unix socket, passes everything on, and counts what it recognises.

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Told of all bytes of one direction, in pieces as they come. A new one for each connection. */
export interface Counter {
  take(bytes: Buffer): void;
}

export interface CountingRelay {
  close(): Promise<void>;
}

/** Listens on `path` and passes what comes on to `target`. @param counter of what goes there */
export async function startCountingRelay(path: string, target: string, counter: () => Counter): Promise<CountingRelay> {
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket, see: (bytes: Buffer) => void): void => {
    sockets.add(from);
    from.on("data", (bytes) => {
      see(bytes);
      to.write(bytes);
    });
    from.on("error", () => from.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    const there = connect(target);
    const own = counter();
    pass(client, there, (bytes) => own.take(bytes));
    pass(there, client, () => {});
  });
  server.listen(path);
  await once(server, "listening");
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

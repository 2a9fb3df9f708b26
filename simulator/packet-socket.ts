// The simulated token's cable: a unix socket on which 64-byte packets run in both directions, back to back.

import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import type { PacketPort } from "../firmware/packet-port.ts";
import { PACKET_BYTES } from "../protocol/packet.ts";

/** A client that does not read is cut off when this much waits for it. */
const MAX_UNREAD_BYTES = 1 << 20;

/** Whatever takes packets as a token's port does, with an answer to each client's own `send`. */
export type ClientPort = Pick<PacketPort, "receive" | "disconnect">;

function serve(socket: Socket, port: ClientPort): void {
  let pending = Buffer.alloc(0);
  const send = (packet: Uint8Array): void => {
    if (socket.destroyed) return;
    socket.write(packet);
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  };
  socket.on("data", (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= PACKET_BYTES) {
      const packet = new Uint8Array(pending.subarray(0, PACKET_BYTES));
      pending = pending.subarray(PACKET_BYTES);
      socket.cork(); // the packets of an answer go out together
      port.receive(packet, send);
      socket.uncork();
    }
  });
  socket.on("error", () => socket.destroy()); // the client has gone; `close` follows
  socket.on("close", () => port.disconnect(send));
}

/** Listens on `path` (replaced when it exists) with mode 0600 in a folder of mode 0700. */
export async function listenForPackets(path: string, port: ClientPort): Promise<{ close(): Promise<void> }> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, port);
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

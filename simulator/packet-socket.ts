// The simulated token's cable: a unix socket on which 64-byte packets run in both directions, back to back.

import type { Socket } from "node:net";
import type { PacketPort } from "../firmware/packet-port.ts";
import { PACKET_BYTES } from "../protocol/packet.ts";
import { type Listening, listenAtOwnSocket } from "./own-socket.ts";

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

/** Listens on `path`, as own-socket.ts has it. */
export function listenForPackets(path: string, port: ClientPort): Promise<Listening> {
  return listenAtOwnSocket(path, (socket) => serve(socket, port));
}

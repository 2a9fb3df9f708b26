// A simulated token's cable: packets over its unix socket.

import { connect } from "node:net";
import { PACKET_BYTES } from "../../protocol/packet.ts";
import { PacketLink } from "./packet-link.ts";
import { type Transport, TransportError } from "./transport.ts";

/** @throws TransportError `gone` when nothing answers on `path` */
export async function openSocketTransport(path: string, name: string): Promise<Transport> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (cause) => reject(new TransportError("gone", `no simulated token at ${path}`, { cause })));
  });
  const gone = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  socket.on("error", () => socket.destroy()); // the simulator has gone; `close` follows
  let received = Buffer.alloc(0);
  const link = new PacketLink({
    send: (packet) => void socket.write(packet),
    onPacket: (take) => {
      socket.on("data", (bytes) => {
        received = Buffer.concat([received, bytes]);
        while (received.length >= PACKET_BYTES) {
          const packet = new Uint8Array(received.subarray(0, PACKET_BYTES));
          received = received.subarray(PACKET_BYTES);
          take(packet);
        }
      });
    },
    gone,
  });
  return { name, gone, openChannel: () => link.openChannel(), close: () => void socket.destroy() };
}

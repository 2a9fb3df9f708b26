// A simulated token's cable, from the host's side.

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BROADCAST_CHANNEL, splitMessage } from "../../protocol/packet.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openSocketTransport } from "./socket.ts";

const folder = temporaryFolder();
const GET_VERSION = Uint8Array.of(0x00, 0xfd, 0, 0);

test("nothing at the path is a token that has gone", async () => {
  await expect(openSocketTransport(join(folder, "nothing"), "x")).rejects.toMatchObject({ name: "TransportError", failure: "gone" });
});

describe("a transport", () => {
  test("opens channels to the token, and tells when it goes", async () => {
    const path = join(folder, "token");
    const cable = await new SimulatedToken().plugIn(path);
    const transport = await openSocketTransport(path, "simulator x");
    expect(transport.name).toBe("simulator x");
    const channel = await transport.openChannel();
    expect(await channel.transmit(GET_VERSION)).toEqual(Uint8Array.of(5, 4, 3, 0x90, 0x00));
    await cable.close();
    await transport.gone;
    await expect(channel.transmit(GET_VERSION)).rejects.toMatchObject({ failure: "gone" });
    expect(() => channel.close()).not.toThrow();
  });

  test("that is closed has gone, and the token forgets its channels", async () => {
    const path = join(folder, "closed");
    const cable = await new SimulatedToken().plugIn(path);
    const transport = await openSocketTransport(path, "x");
    await transport.openChannel();
    transport.close();
    await transport.gone;
    await expect(transport.openChannel()).rejects.toMatchObject({ failure: "gone" });
    await cable.close();
  });

  test("puts packets together again, however the stream is cut", async () => {
    const path = join(folder, "cut");
    const server: Server = createServer().listen(path);
    await once(server, "listening");
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const transport = await openSocketTransport(path, "x");
    const [socket] = await accepted;
    const opened = transport.openChannel();
    const [packet] = (await once(socket, "data")) as [Buffer];
    expect(packet).toHaveLength(64);
    const payload = new Uint8Array([...packet.subarray(7, 15), 0, 0, 0, 5, 1]);
    for (const part of splitMessage({ channel: BROADCAST_CHANNEL, command: 0x06, payload })) {
      for (const byte of part) {
        socket.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await expect(opened).resolves.toBeDefined();
    transport.close();
    server.close();
  });
});

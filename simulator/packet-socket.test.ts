// The simulated token's cable, from the outside: raw packets on its socket.

import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSocketTransport } from "../host-bridge/transport/socket.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_INIT,
  CMD_PING,
  type Message,
  MessageAssembler,
  packetChannel,
  splitMessage,
} from "../protocol/packet.ts";
import { SimulatedToken } from "../test/support/simulated-token.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const GET_VERSION = Uint8Array.of(0x00, 0xfd, 0, 0);
const VERSION = Uint8Array.of(5, 4, 3, 0x90, 0x00);

const folder = temporaryFolder();
let sockets = 0;
let path: string;
let simulated: SimulatedToken;
let cable: { close(): Promise<void> };

beforeEach(async () => {
  path = join(folder, "made", `token-${sockets++}`);
  simulated = new SimulatedToken();
  cable = await simulated.plugIn(path);
});

afterEach(() => cable.close());

class RawClient {
  readonly socket: Socket;
  private readonly messages: Message[] = [];
  private readonly assembler = new MessageAssembler();
  private bytes = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      this.bytes = Buffer.concat([this.bytes, bytes]);
      for (; this.bytes.length >= 64; this.bytes = this.bytes.subarray(64)) {
        const message = this.assembler.accept(new Uint8Array(this.bytes.subarray(0, 64)), packetChannel(this.bytes));
        if (message !== null) this.messages.push(message);
      }
    });
  }

  static async connect(): Promise<RawClient> {
    const socket = connect(path);
    await once(socket, "connect");
    return new RawClient(socket);
  }

  send(message: Message): void {
    for (const packet of splitMessage(message)) this.socket.write(packet);
  }

  async next(): Promise<Message> {
    await expect.poll(() => this.messages.length, { interval: 1 }).toBeGreaterThan(0);
    const message = this.messages.shift();
    if (message === undefined) throw new Error("no message");
    return message;
  }

  async openChannel(): Promise<number> {
    this.send({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: new Uint8Array(8) });
    return Buffer.from((await this.next()).payload).readUInt32BE(8);
  }

  async transmit(channel: number, payload: Uint8Array): Promise<Uint8Array> {
    this.send({ channel, command: CMD_APDU, payload });
    return (await this.next()).payload;
  }
}

test("nobody but the user reaches it: mode 0600 in a folder of mode 0700", () => {
  expect([path, join(path, "..")].map((each) => statSync(each).mode & 0o777)).toEqual([0o600, 0o700]);
});

test("a file at its place, such as a killed simulator's socket, is replaced", async () => {
  const other = join(folder, "left-behind");
  writeFileSync(other, "");
  const second = await new SimulatedToken().plugIn(other);
  const transport = await openSocketTransport(other, "x");
  expect(await (await transport.openChannel()).transmit(GET_VERSION)).toEqual(VERSION);
  transport.close();
  await second.close();
});

describe("two clients at once", () => {
  test("each have channels of their own, and each get their own answers", async () => {
    const [first, second] = [await RawClient.connect(), await RawClient.connect()];
    const channels = [await first.openChannel(), await second.openChannel()] as const;
    expect(channels[0]).not.toBe(channels[1]);
    const both = [first.transmit(channels[0], GET_VERSION), second.transmit(channels[1], Uint8Array.of(0, 0xf8, 0, 0))];
    expect((await Promise.all(both)).map((answer) => answer.length)).toEqual([5, 6]);
  });

  test("cannot use each other's channel", async () => {
    const [first, second] = [await RawClient.connect(), await RawClient.connect()];
    const channel = await first.openChannel();
    expect(await second.transmit(channel, GET_VERSION)).toEqual(Uint8Array.of(0x0b));
    expect(await first.transmit(channel, GET_VERSION)).toEqual(VERSION);
  });

  test("may send their packets in turns", async () => {
    const [first, second] = [await RawClient.connect(), await RawClient.connect()];
    const channels = [await first.openChannel(), await second.openChannel()] as const;
    const payload = new Uint8Array(300).fill(7);
    const [one, two] = channels.map((channel) => splitMessage({ channel, command: CMD_PING, payload }));
    for (const [index, packet] of (one ?? []).entries()) {
      first.socket.write(packet);
      second.socket.write(two?.[index] ?? packet);
      await sleep(1);
    }
    expect([(await first.next()).payload, (await second.next()).payload]).toEqual([payload, payload]);
  });
});

describe("a client that goes away", () => {
  test("in the middle of a packet, or of a message, harms no other", async () => {
    const stays = await RawClient.connect();
    const channel = await stays.openChannel();
    for (const cut of [1, 63, 64, 100]) {
      const leaves = await RawClient.connect();
      const message = splitMessage({ channel: await leaves.openChannel(), command: CMD_APDU, payload: new Uint8Array(200) });
      leaves.socket.end(Buffer.concat(message).subarray(0, cut));
      await once(leaves.socket, "close");
      expect(await stays.transmit(channel, GET_VERSION)).toEqual(VERSION);
    }
  });

  test("while the token waits for its button gives the token free", async () => {
    const ready = await SimulatedToken.initialised();
    await ready.makeKey(0x9e, { pin: 1, button: 2 });
    ready.button.script = { kind: "never" };
    const place = join(folder, "waiting");
    const plugged = await ready.plugIn(place);
    const transport = await openSocketTransport(place, "x");
    const channel = await transport.openChannel();
    const sign = Buffer.concat([Buffer.from("0087119e26" + "7c2482008120", "hex"), Buffer.alloc(32, 1), Buffer.from([0])]);
    const signing = channel.transmit(sign).catch((error: unknown) => error);
    await expect.poll(() => ready.token.isBusy()).toBe(true);
    transport.close();
    await expect.poll(() => ready.token.isBusy()).toBe(false);
    expect(await signing).toMatchObject({ failure: "gone" });
    await plugged.close();
  });
});

test("bytes that are no packets are answered or dropped, and the token goes on", async () => {
  const client = await RawClient.connect();
  for (let round = 0; round < 50; round++)
    client.socket.write(Buffer.from(Array.from({ length: 64 }, (_, at) => (round * 37 + at * 101) & 0xff)));
  const fresh = await RawClient.connect();
  expect(await fresh.transmit(await fresh.openChannel(), GET_VERSION)).toEqual(VERSION);
});

test("pulling the plug ends every connection, and takes the socket away", async () => {
  const clients = [await RawClient.connect(), await RawClient.connect()];
  const closed = clients.map(({ socket }) => once(socket, "close"));
  await cable.close();
  await Promise.all(closed);
  await expect(openSocketTransport(path, "x")).rejects.toMatchObject({ failure: "gone" });
});

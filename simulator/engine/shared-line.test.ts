// Several clients on one line: each hears its own answers and no others, as on the simulator's cable.

import { beforeEach, describe, expect, test } from "vitest";
import { PacketPort } from "../../firmware/packet-port.ts";
import { readUint32 } from "../../protocol/bytes.ts";
import { BROADCAST_CHANNEL, CMD_APDU, CMD_ERROR, CMD_INIT, type Message, packetChannel, splitMessage } from "../../protocol/packet.ts";
import { SimulatedToken } from "../../test/support/simulated-token.ts";
import { SharedLine } from "./shared-line.ts";

const GET_VERSION = Uint8Array.of(0x00, 0xfd, 0, 0);
const VERSION = [5, 4, 3, 0x90, 0x00];
const SIGN = new Uint8Array([...Buffer.from("0087119e26" + "7c2482008120", "hex"), ...new Uint8Array(32).fill(1), 0]);

/** The channel that an answer to INIT gives. */
const channelIn = (payload: readonly number[] = []): number => readUint32(new Uint8Array(payload), 8);

/** Hears short messages: of one packet each. */
class Client {
  readonly heard: { channel: number; command: number; payload: number[] }[] = [];
  readonly send = (packet: Uint8Array): void => {
    const length = ((packet[5] ?? 0) << 8) | (packet[6] ?? 0);
    this.heard.push({ channel: packetChannel(packet), command: (packet[4] ?? 0) & 0x7f, payload: [...packet.subarray(7, 7 + length)] });
  };

  say(message: Message): void {
    for (const packet of splitMessage(message)) line.receive(packet, this.send);
  }

  ask(nonce: number): void {
    this.say({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: new Uint8Array(8).fill(nonce) });
  }

  async openChannel(nonce: number): Promise<number> {
    this.ask(nonce);
    await delivered();
    return channelIn(this.heard.pop()?.payload);
  }

  async transmit(channel: number, payload: Uint8Array): Promise<unknown> {
    this.say({ channel, command: CMD_APDU, payload });
    await delivered();
    return this.heard.pop()?.payload;
  }
}

let line: SharedLine;
let token: SimulatedToken;
let first: Client;
let second: Client;

/** What the token sends takes a while. */
const delivered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

function plugIn(simulated: SimulatedToken): void {
  token = simulated;
  const port = new PacketPort(token.token);
  const toHost = (packet: Uint8Array): void => {
    const copy = new Uint8Array(packet);
    setImmediate(() => line.deliver(copy));
  };
  line = new SharedLine((packet) => port.receive(new Uint8Array(packet), toHost));
  [first, second] = [new Client(), new Client()];
}

beforeEach(() => plugIn(new SimulatedToken()));

test("each has channels of its own and hears its own answers", async () => {
  const channels = [await first.openChannel(1), await second.openChannel(2)] as const;
  expect(channels[0]).not.toBe(channels[1]);
  first.say({ channel: channels[0], command: CMD_APDU, payload: GET_VERSION });
  second.say({ channel: channels[1], command: CMD_APDU, payload: Uint8Array.of(0, 0xf8, 0, 0) });
  await delivered();
  expect([first.heard.map(({ payload }) => payload.length), second.heard.map(({ payload }) => payload.length)]).toEqual([[5], [6]]);
});

test("asked at once, by one nonce even, each gets a channel, in order", async () => {
  for (const client of [first, second]) client.ask(0);
  await delivered();
  expect([first.heard.length, second.heard.length]).toEqual([1, 1]);
  expect(channelIn(first.heard[0]?.payload)).not.toBe(channelIn(second.heard[0]?.payload));
});

test("another's channel is refused, and goes on", async () => {
  const channel = await first.openChannel(1);
  expect(await second.transmit(channel, GET_VERSION)).toEqual([0x0b]);
  expect(await first.transmit(channel, GET_VERSION)).toEqual(VERSION);
  expect(first.heard).toEqual([]);
});

test("a request that the token refuses is told to who made it", async () => {
  first.ask(1);
  second.say({ channel: BROADCAST_CHANNEL, command: CMD_APDU, payload: new Uint8Array(8) });
  first.ask(3);
  await delivered();
  expect(second.heard.map(({ command }) => command)).toEqual([CMD_ERROR]);
  expect(first.heard.map(({ command }) => command)).toEqual([CMD_INIT, CMD_INIT]);
});

describe("a client that has gone", () => {
  test("leaves no command behind that waits for the button", async () => {
    const ready = await SimulatedToken.initialised();
    await ready.makeKey(0x9e, { pin: 1, button: 2 });
    ready.button.script = { kind: "never" };
    plugIn(ready);
    const channel = await first.openChannel(1);
    first.say({ channel, command: CMD_APDU, payload: SIGN });
    expect(token.token.isBusy()).toBe(true);
    line.disconnect(first.send);
    expect(token.token.isBusy()).toBe(false);
    expect(await second.transmit(await second.openChannel(2), GET_VERSION)).toEqual(VERSION);
  });

  test("before it had its channel hears nothing of it, nor does anybody else", async () => {
    first.ask(1);
    line.disconnect(first.send);
    await delivered();
    expect([first.heard, second.heard]).toEqual([[], []]);
    const next = await second.openChannel(2);
    expect(await second.transmit(next - 1, GET_VERSION)).toEqual([0x0b]);
  });
});

// The HID interface: packets as reports, beside the smart card.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BROADCAST_CHANNEL, CMD_INIT, splitMessage } from "../../protocol/packet.ts";
import { PIN, SimulatedToken } from "../../test/support/simulated-token.ts";
import { UsbBench, type UsbHost } from "../../test/support/usb-host.ts";
import { PRESSED_AT_ONCE } from "../scripted-button.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const GET_VERSION = hex("00fd000000");
const VERSION = hex("0504039000");
const STATUS_OF_PIN = "00200080";
const VERIFY = `0020008008${Buffer.from(PIN).toString("hex")}`;
const SIGN = `0087119e267c2482008120${"01".repeat(32)}00`;
const STALL = -32;
const OUTPUT_REPORT = 0x0200;
const INPUT_REPORT = 0x0100;

let simulated: SimulatedToken;
let bench: UsbBench;
let host: UsbHost;

beforeAll(async () => {
  simulated = await SimulatedToken.initialised();
  await simulated.makeKey(0x9e, { pin: 1, button: 2 });
  bench = await UsbBench.open(simulated, { timeExtensionMs: 40 });
});

afterAll(() => bench.close());

beforeEach(async () => {
  simulated.button.script = PRESSED_AT_ONCE;
  host = await bench.attach();
  return async () => {
    host.close();
    await expect.poll(() => bench.changes.at(-1), { interval: 1 }).toBe("detached");
  };
});

const init = (nonce: number): Uint8Array[] =>
  splitMessage({ channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: new Uint8Array(8).fill(nonce) });

/** The nonce that the next report answers. */
async function answeredNonce(): Promise<number | undefined> {
  return (await host.client.in(3, 64)).data[7];
}

describe("packets", () => {
  test("reach the token and come back: the bridge's own link, short and long commands", async () => {
    const channel = await host.hidLink().openChannel();
    expect(await channel.transmit(GET_VERSION)).toEqual(VERSION);
    const long = hex(`00db3fff00${"0bb8"}${"00".repeat(3000)}`);
    expect(Buffer.from(await channel.transmit(long)).toString("hex")).toMatch(/^6[0-9a-f]{3}$/);
  });

  test("may be written as an output report on endpoint 0 too (HID 1.11 §7.2.2)", async () => {
    const [packet = new Uint8Array(0)] = init(7);
    expect((await host.client.controlOut([0x21, 0x09, OUTPUT_REPORT, 1], packet)).status).toBe(0);
    expect(await answeredNonce()).toBe(7);
    expect((await host.client.controlOut([0x21, 0x09, OUTPUT_REPORT, 1], packet.subarray(1))).status).toBe(STALL);
    expect((await host.client.controlOut([0x21, 0x09, OUTPUT_REPORT | 1, 1], packet)).status).toBe(STALL);
  });

  test("are no state that could be asked for; how often to send them unchanged is heard and told", async () => {
    expect(await host.client.controlIn([0xa1, 0x01, INPUT_REPORT, 1], 64)).toMatchObject({ status: 0, data: Buffer.alloc(64) });
    expect((await host.client.controlOut([0x21, 0x0a, 0x1200, 1])).status).toBe(0);
    expect((await host.client.controlIn([0xa1, 0x02, 0, 1], 1)).data[0]).toBe(0x12);
  });

  test("that are too short are dropped; several in one transfer count each", async () => {
    await host.client.out(3, Buffer.alloc(0));
    await host.client.out(3, Buffer.alloc(63, 0xff));
    await host.client.out(3, Buffer.concat([...init(1), ...init(2), Buffer.alloc(3)]));
    expect([await answeredNonce(), await answeredNonce()]).toEqual([1, 2]);
  });

  test("that nobody fetches are dropped when there are 512", async () => {
    for (let i = 0; i < 9; i++)
      await host.client.out(3, Buffer.concat(Array.from({ length: 100 }, (_, j) => init((i * 100 + j) & 0xff)).flat()));
    expect(await answeredNonce()).toBe((900 - 512) & 0xff);
  });

  test("are dropped when the device is configured anew", async () => {
    await host.client.out(3, Buffer.concat(init(1)));
    await host.client.controlOut([0x00, 9, 1, 0]);
    await host.client.out(3, Buffer.concat(init(2)));
    expect(await answeredNonce()).toBe(2);
  });

  test("of a host that has gone lead nowhere: its channels are closed", async () => {
    const channel = await host.hidLink().openChannel();
    await channel.transmit(hex(VERIFY));
    host.close();
    await expect.poll(() => bench.changes.at(-1), { interval: 1 }).toBe("detached");
    await expect(channel.transmit(GET_VERSION)).rejects.toMatchObject({ failure: "gone" });
    host = await bench.attach();
    const next = await host.hidLink().openChannel();
    expect(await next.transmit(hex(STATUS_OF_PIN))).toEqual(hex("63c3"));
  });
});

describe("beside the smart card", () => {
  test("each has a security status of its own", async () => {
    const channel = await host.hidLink().openChannel();
    await host.powerOn();
    expect(await channel.transmit(hex(VERIFY))).toEqual(hex("9000"));
    expect(await host.transmit(STATUS_OF_PIN)).toBe("63c3");
    await host.transmit(VERIFY);
    await host.ask(0x63);
    expect(await channel.transmit(hex(STATUS_OF_PIN))).toEqual(hex("9000"));
  });

  test("a program on HID waits while the card waits for the button, and is answered then", async () => {
    const channel = await host.hidLink().openChannel();
    await host.powerOn();
    simulated.button.script = { kind: "never" };
    const signing = host.transmit(SIGN);
    await expect.poll(() => simulated.token.isBusy(), { interval: 1 }).toBe(true);
    let isAnswered = false;
    const asking = channel.transmit(GET_VERSION).finally(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAnswered).toBe(false);
    simulated.button.pressNow();
    expect(await signing).toMatch(/^7c.*9000$/);
    expect(await asking).toEqual(VERSION);
  });

  test("the card waits while a program on HID waits for the button, and is answered then", async () => {
    const channel = await host.hidLink().openChannel();
    await host.powerOn();
    simulated.button.script = { kind: "never" };
    let presses = 0;
    const signing = channel.transmit(hex(SIGN), { onButton: () => presses++ });
    await expect.poll(() => presses, { interval: 1 }).toBeGreaterThan(0);
    const asking = host.transmit("00fd000000");
    await new Promise((resolve) => setTimeout(resolve, 50));
    simulated.button.pressNow();
    expect(Buffer.from(await signing).toString("hex")).toMatch(/^7c.*9000$/);
    expect(await asking).toBe("0504039000");
  });

  test("a wait on HID ends when the program cancels, and when the host goes", async () => {
    const channel = await host.hidLink().openChannel();
    simulated.button.script = { kind: "never" };
    const cancelled = channel.transmit(hex(SIGN), { onButton: () => channel.cancel() });
    expect(await cancelled).toEqual(hex("6985"));
    const left = channel.transmit(hex(SIGN)).catch((error: unknown) => error);
    await expect.poll(() => simulated.token.isBusy(), { interval: 1 }).toBe(true);
    host.close();
    await expect.poll(() => simulated.token.isBusy(), { interval: 1 }).toBe(false);
    expect(await left).toMatchObject({ failure: "gone" });
  });

  test("a channel can be opened while the card waits for the button", async () => {
    await host.powerOn();
    simulated.button.script = { kind: "never" };
    const signing = host.transmit(SIGN);
    await expect.poll(() => simulated.token.isBusy(), { interval: 1 }).toBe(true);
    const channel = await host.hidLink().openChannel();
    simulated.button.pressNow();
    await signing;
    expect(await channel.transmit(GET_VERSION)).toEqual(VERSION);
  });
});

// The smart card interface while it waits: for the button, for another program; hosts that die, and aborts (CCID 1.1).

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  ABORT,
  ACTIVE,
  CMD_ABORTED,
  DATA_BLOCK,
  FAILED,
  GET_PARAMETERS,
  PARAMETERS_ANSWER,
  POWER_OFF,
  POWER_ON,
  SLOT_BUSY,
  SLOT_STATUS,
  STATUS_ANSWER,
  TIME_EXTENSION,
  XFR_BLOCK,
} from "../../test/support/ccid-numbers.ts";
import { PIN, SimulatedToken } from "../../test/support/simulated-token.ts";
import { UsbBench, type UsbHost } from "../../test/support/usb-host.ts";
import { PRESSED_AT_ONCE } from "../scripted-button.ts";

const EXTENSION_MS = 40;
const GET_VERSION = "00fd000000";
const VERSION = "0504039000";
const STATUS_OF_PIN = "00200080";
const SIGN = `0087119e267c2482008120${"01".repeat(32)}00`;
const verify = (pin: string): string => `0020008008${Buffer.from(pin).toString("hex")}`;

let simulated: SimulatedToken;
let bench: UsbBench;
let host: UsbHost;

beforeAll(async () => {
  simulated = await SimulatedToken.initialised();
  await simulated.makeKey(0x9e, { pin: 1, button: 2 });
  bench = await UsbBench.open(simulated, { timeExtensionMs: EXTENSION_MS });
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

/** The token waits for its button, for a command of this host. */
async function waitForButton(): Promise<number> {
  simulated.button.script = { kind: "never" };
  await host.powerOn();
  const seq = await host.send(XFR_BLOCK, { data: SIGN });
  await expect.poll(() => simulated.token.isBusy(), { interval: 1 }).toBe(true);
  return seq;
}

describe("a wait for the button", () => {
  test("is told as time extensions, and ends with the answer", async () => {
    const seq = await waitForButton();
    for (let i = 0; i < 2; i++) {
      expect(await host.receive()).toMatchObject({ type: DATA_BLOCK, seq, card: ACTIVE, status: TIME_EXTENSION, error: 1, data: "" });
    }
    simulated.button.pressNow();
    const answer = await host.receive();
    expect(answer).toMatchObject({ seq, status: 0 });
    expect(answer.data).toMatch(/^7c.*9000$/);
    const further = host.client.submit({ endpoint: 1, isIn: true, lengthBytes: 64 });
    await sleep(3 * EXTENSION_MS);
    expect(await host.client.unlink(further.seqnum), "nothing follows the answer").toBe(-104);
  });

  test("is not told to a host that does not listen: it finds the answer alone", async () => {
    const seq = await waitForButton();
    await sleep(3 * EXTENSION_MS);
    simulated.button.pressNow();
    expect(await host.receive()).toMatchObject({ seq, status: 0, data: expect.stringMatching(/^7c.*9000$/) });
  });

  test("of another program makes this one's command wait, with time extensions, and then it is answered", async () => {
    await host.powerOn();
    simulated.button.script = { kind: "never" };
    const other = simulated.channel().transmit(new Uint8Array(Buffer.from(SIGN, "hex")));
    const seq = await host.send(XFR_BLOCK, { data: GET_VERSION });
    expect(await host.receive()).toMatchObject({ seq, status: TIME_EXTENSION });
    simulated.button.pressNow();
    expect(Buffer.from(await other).toString("hex")).toMatch(/^7c.*9000$/);
    let answer = await host.receive();
    while (answer.status === TIME_EXTENSION) answer = await host.receive();
    expect(answer).toMatchObject({ seq, status: 0, data: VERSION });
  });

  test("of another program: a command that waits behind it never begins when its host goes", async () => {
    await host.powerOn();
    simulated.button.script = { kind: "never" };
    const other = simulated.channel().transmit(new Uint8Array(Buffer.from(SIGN, "hex")));
    await host.send(XFR_BLOCK, { data: verify("00000000") });
    await sleep(30);
    host.close();
    await expect.poll(() => bench.changes.at(-1), { interval: 1 }).toBe("detached");
    simulated.button.pressNow();
    await other;
    await sleep(50);
    expect(await simulated.client().pinTriesLeft()).toBe(3);
  });

  test("leaves room for one command only: others find the slot busy (§6.2.6)", async () => {
    await waitForButton();
    expect(await host.ask(XFR_BLOCK, { data: GET_VERSION })).toMatchObject({ type: DATA_BLOCK, status: FAILED, error: SLOT_BUSY });
    expect(await host.ask(GET_PARAMETERS)).toMatchObject({ type: PARAMETERS_ANSWER, status: FAILED, error: SLOT_BUSY });
    expect(simulated.token.isBusy()).toBe(true);
  });

  test.each([
    ["unconfigures the device", () => host.client.controlOut([0x00, 9, 0, 0])],
    ["sets the interface anew", () => host.client.controlOut([0x01, 11, 0, 0])],
    ["goes", () => Promise.resolve(host.close())],
  ])("ends when the host %s", async (_, leave) => {
    await waitForButton();
    await leave();
    await expect.poll(() => simulated.token.isBusy(), { interval: 1 }).toBe(false);
  });
});

describe("a host that comes after one that died", () => {
  test.each([
    ["on", POWER_ON],
    ["off", POWER_OFF],
  ])(
    "finds the slot there, and ends the wait for the button by switching the power %s; nothing of the old command is answered",
    async (_, type) => {
      await waitForButton();
      await sleep(2 * EXTENSION_MS);
      expect(await host.ask(SLOT_STATUS, { seq: 0 })).toMatchObject({ type: STATUS_ANSWER, card: ACTIVE, status: 0 });
      expect(simulated.token.isBusy()).toBe(true);
      expect(await host.ask(type, { seq: 1 })).toMatchObject({ status: 0, error: 0 });
      expect(simulated.token.isBusy()).toBe(false);
      await host.powerOn();
      await sleep(2 * EXTENSION_MS);
      expect(await host.transmit(GET_VERSION)).toBe(VERSION);
    },
  );

  test("does not get the answer that the other one left", async () => {
    await host.powerOn();
    await host.send(XFR_BLOCK, { data: SIGN, seq: 200 });
    await expect.poll(() => simulated.token.isBusy(), { interval: 1 }).toBe(false);
    await sleep(10);
    expect(await host.ask(SLOT_STATUS, { seq: 0 })).toMatchObject({ type: STATUS_ANSWER, status: 0, data: "" });
  });

  test("does not find more than 64 answers that nobody fetched", async () => {
    await waitForButton();
    for (let seq = 0; seq < 100; seq++) await host.send(XFR_BLOCK, { seq });
    expect((await host.receive()).seq).toBe(36);
  });
});

describe("an abort (§5.3.1, §6.1.13)", () => {
  const abortControl = (seq: number): Promise<{ status: number }> => host.client.controlOut([0x21, 1, seq << 8, 0]);

  test.each(["control first", "bulk first"])(
    "%s: the command under way fails, the wait for the button ends, the second half is answered",
    async (order) => {
      const seq = await waitForButton();
      const [first, second] = order === "control first" ? [abortControl, abortBulk] : [abortBulk, abortControl];
      await first(200);
      let answer = await host.receive();
      while (answer.status === TIME_EXTENSION) answer = await host.receive();
      expect(answer).toMatchObject({ type: DATA_BLOCK, seq, status: FAILED, error: CMD_ABORTED });
      expect(simulated.token.isBusy()).toBe(false);
      expect(await host.ask(XFR_BLOCK, { data: GET_VERSION }), "between the halves").toMatchObject({ status: FAILED, error: CMD_ABORTED });
      await second(200);
      expect(await host.receive()).toMatchObject({ type: STATUS_ANSWER, seq: 200, card: ACTIVE, status: 0, error: 0 });
      expect(await host.transmit(GET_VERSION)).toBe(VERSION);
    },
  );

  async function abortBulk(seq: number): Promise<void> {
    await host.send(ABORT, { seq });
  }

  test("keeps the security status: nobody took the power", async () => {
    await host.powerOn();
    await host.transmit(verify(PIN));
    await abortControl(9);
    await abortBulk(9);
    expect(await host.receive()).toMatchObject({ type: STATUS_ANSWER, seq: 9, status: 0 });
    expect(await host.transmit(STATUS_OF_PIN)).toBe("9000");
  });

  test("with another number does not count; a slot that is not there is refused", async () => {
    await host.powerOn();
    await abortControl(1);
    await abortBulk(2);
    expect(await host.ask(SLOT_STATUS)).toMatchObject({ status: FAILED, error: CMD_ABORTED });
    await abortControl(2);
    expect(await host.receive()).toMatchObject({ type: STATUS_ANSWER, seq: 2, status: 0 });
    expect((await host.client.controlOut([0x21, 1, 0x0201, 0])).status).toBe(-32);
  });
});

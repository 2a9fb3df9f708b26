// The smart card interface (CCID 1.1): power, APDUs whole and in pieces, refusals.

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ANSWER_TO_RESET } from "../../protocol/answer-to-reset.ts";
import {
  ACTIVE,
  DATA_BLOCK,
  ESCAPE,
  ESCAPE_ANSWER,
  FAILED,
  GET_PARAMETERS,
  ICC_MUTE,
  INACTIVE,
  PARAMETERS_ANSWER,
  POWER_OFF,
  POWER_ON,
  RESET_PARAMETERS,
  SECURE,
  SET_PARAMETERS,
  SLOT_STATUS,
  STATUS_ANSWER,
  XFR_BLOCK,
} from "../../test/support/ccid-numbers.ts";
import { PIN, SimulatedToken } from "../../test/support/simulated-token.ts";
import { ccidMessage, UsbBench, type UsbHost } from "../../test/support/usb-host.ts";
import { PRESSED_AT_ONCE } from "../scripted-button.ts";

const SELECT = "00a4040009a0000003080000100000";
const GET_VERSION = "00fd000000";
const VERSION = "0504039000";
const STATUS_OF_PIN = "00200080";
const SIGN = `0087119e267c2482008120${"01".repeat(32)}00`;
const T1_PARAMETERS = "1110004d00fe00";
const verify = (pin: string): string => `0020008008${Buffer.from(pin).toString("hex")}`;
/** wLevelParameter of XfrBlock. */
const level = (value: number): { parameters: number[] } => ({ parameters: [0, value & 0xff, value >> 8] });

let simulated: SimulatedToken;
let bench: UsbBench;
let host: UsbHost;

beforeAll(async () => {
  simulated = await SimulatedToken.initialised();
  await simulated.makeKey(0x9e, { pin: 1, button: 2 });
  bench = await UsbBench.open(simulated);
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

describe("the card", () => {
  test("is told as inserted, once each time the device is configured (§6.3.1)", async () => {
    expect((await host.client.in(2, 8)).data.toString("hex")).toBe("5003");
    const next = host.client.submit({ endpoint: 2, isIn: true, lengthBytes: 8 });
    await sleep(10);
    expect(await host.client.unlink(next.seqnum)).toBe(-104);
    await host.client.controlOut([0x00, 9, 1, 0]);
    expect((await host.client.in(2, 8)).data.toString("hex")).toBe("5003");
  });

  test("is there, gets power, answers the reset, loses power (§6.1.1–6.1.3)", async () => {
    expect(await host.ask(SLOT_STATUS)).toMatchObject({ type: STATUS_ANSWER, card: INACTIVE, status: 0, error: 0, data: "" });
    expect(await host.ask(POWER_ON)).toMatchObject({
      type: DATA_BLOCK,
      card: ACTIVE,
      status: 0,
      data: Buffer.from(ANSWER_TO_RESET).toString("hex"),
    });
    expect(await host.ask(SLOT_STATUS)).toMatchObject({ card: ACTIVE });
    expect(await host.ask(POWER_OFF)).toMatchObject({ type: STATUS_ANSWER, card: INACTIVE, status: 0 });
  });

  test("answers nothing without power", async () => {
    expect(await host.ask(XFR_BLOCK, { data: GET_VERSION })).toMatchObject({
      type: DATA_BLOCK,
      card: INACTIVE,
      status: FAILED,
      error: ICC_MUTE,
    });
  });

  test.each([
    ["power off and on", POWER_OFF],
    ["power on alone", POWER_ON],
  ])("finds no PIN verified after %s", async (_, type) => {
    await host.powerOn();
    expect(await host.transmit(verify(PIN))).toBe("9000");
    expect(await host.transmit(STATUS_OF_PIN)).toBe("9000");
    await host.ask(type);
    await host.powerOn();
    expect(await host.transmit(STATUS_OF_PIN)).toBe("63c3");
  });

  test("has T=1's parameters, which are the reader's own choice (§6.1.5–6.1.7)", async () => {
    const parameters = { type: PARAMETERS_ANSWER, status: 0, last: 1, data: T1_PARAMETERS };
    expect(await host.ask(GET_PARAMETERS)).toMatchObject(parameters);
    expect(await host.ask(RESET_PARAMETERS)).toMatchObject(parameters);
    expect(await host.ask(SET_PARAMETERS, { parameters: [1, 0, 0], data: "9610004d00fe00" })).toMatchObject(parameters);
    expect(await host.ask(SET_PARAMETERS, { parameters: [0, 0, 0], data: "1100000a00" })).toMatchObject({ status: FAILED, error: 7 });
    expect(await host.ask(SET_PARAMETERS, { parameters: [1, 0, 0], data: "11" })).toMatchObject({ status: FAILED, error: 1 });
  });
});

describe("an APDU", () => {
  beforeEach(() => host.powerOn());

  test("selects PIV, proves the PIN, and signs", async () => {
    expect(await host.transmit(SELECT)).toMatch(/^61.*9000$/);
    expect(await host.transmit(verify(PIN))).toBe("9000");
    expect(await host.transmit(SIGN)).toMatch(/^7c4882463044.*9000$/);
  });

  test("of extended length goes whole, and comes back whole: a data object of 3 KB", async () => {
    const officer = await simulated.officer();
    const object = Buffer.alloc(2900, 0x5a);
    await officer.writeCertificate(0x5fc10a, object);
    const answer = await host.transmit("00cb3fff0000055c035fc10a0000");
    expect(answer).toContain(object.toString("hex"));
    expect(answer.endsWith("9000")).toBe(true);
    const tooLong = `00db3fff00${"0ce0"}${"00".repeat(3296)}`;
    expect(await host.transmit(tooLong)).toMatch(/^6[0-9a-f]{3}$/);
  });

  test("may come in several blocks (§6.1.4)", async () => {
    const pieces = SIGN.match(/.{1,20}/g) ?? [];
    for (const [index, data] of pieces.slice(0, -1).entries()) {
      const piece = await host.ask(XFR_BLOCK, { ...level(index === 0 ? 1 : 3), data });
      expect(piece).toMatchObject({ status: 0, last: 0x10, data: "" });
    }
    const end = await host.ask(XFR_BLOCK, { ...level(2), data: pieces.at(-1) ?? "" });
    expect(end.data).toMatch(/^7c.*9000$/);
  });

  test("whose answer is longer than a message gives it in several blocks (§6.2.1)", async () => {
    const answer = "5a".repeat(9000);
    const bench = await UsbBench.open(simulated);
    const transmit = simulated.token.transmit;
    simulated.token.transmit = (_channel, _apdu, respond) => respond(new Uint8Array(Buffer.from(answer, "hex")));
    try {
      const other = await bench.attach();
      await other.powerOn();
      const first = await other.ask(XFR_BLOCK, { data: GET_VERSION });
      const second = await other.ask(XFR_BLOCK, level(0x10));
      const third = await other.ask(XFR_BLOCK, level(0x10));
      expect([first.last, second.last, third.last]).toEqual([1, 3, 2]);
      expect(first.data + second.data + third.data).toBe(answer);
      await other.ask(XFR_BLOCK, { data: GET_VERSION });
      await other.ask(XFR_BLOCK, { ...level(1), data: "00" });
      expect(await other.ask(XFR_BLOCK, level(0x10)), "what a new command ended").toMatchObject({ status: FAILED, error: 8 });
      await other.ask(XFR_BLOCK, { data: GET_VERSION });
      for (const last of [3, 2]) expect((await other.ask(XFR_BLOCK, level(0x10))).last).toBe(last);
      expect(await other.ask(XFR_BLOCK, level(0x10))).toMatchObject({ status: FAILED, error: 8 });
    } finally {
      simulated.token.transmit = transmit;
      await bench.close();
    }
  });

  test.each([
    ["the end of what was not begun", 2],
    ["the middle of what was not begun", 3],
    ["the rest of an answer that is whole", 0x10],
    ["a level that does not exist", 0x1234],
  ])("%s is refused", async (_, value) => {
    await host.transmit(GET_VERSION);
    expect(await host.ask(XFR_BLOCK, { ...level(value) })).toMatchObject({ type: DATA_BLOCK, status: FAILED, error: 8 });
  });

  test("in blocks without end is refused at 64 KB, and forgotten", async () => {
    const data = "00".repeat(4000);
    let answer = await host.ask(XFR_BLOCK, { ...level(1), data });
    for (let i = 0; answer.status === 0; i++) {
      expect(i).toBeLessThan(17);
      answer = await host.ask(XFR_BLOCK, { ...level(3), data });
    }
    expect(answer).toMatchObject({ status: FAILED, error: 1 });
    expect(await host.ask(XFR_BLOCK, level(2))).toMatchObject({ status: FAILED, error: 8 });
  });
});

describe("what is not understood", () => {
  test.each([
    ["Escape", ESCAPE, ESCAPE_ANSWER],
    ["Secure", SECURE, DATA_BLOCK],
    ["IccClock", 0x6e, STATUS_ANSWER],
    ["T0APDU", 0x6a, STATUS_ANSWER],
    ["Mechanical", 0x71, STATUS_ANSWER],
    ["SetDataRateAndClockFrequency", 0x73, 0x84],
    ["no message at all", 0x00, STATUS_ANSWER],
  ])("%s is not supported", async (_, type, answer) => {
    expect(await host.ask(type)).toMatchObject({ type: answer, status: FAILED, error: 0 });
  });

  test("a second slot, a voltage that does not exist, data where none belong", async () => {
    expect(await host.ask(POWER_ON, { slot: 1 })).toMatchObject({ slot: 1, status: FAILED, error: 5 });
    expect(await host.ask(POWER_ON, { parameters: [4, 0, 0] })).toMatchObject({ status: FAILED, error: 7 });
    for (const type of [POWER_ON, POWER_OFF, SLOT_STATUS, GET_PARAMETERS]) {
      expect(await host.ask(type, { data: "00" })).toMatchObject({ status: FAILED, error: 1 });
    }
  });

  test.each([
    ["is longer than it says", { data: "00fd0000", length: 3 }],
    ["is shorter than it says, and over", { data: "00fd0000", length: 5 }],
    ["says that it is longer than any may be", { length: 0xffffffff }],
  ])("a message that %s", async (_, fields) => {
    expect(await host.ask(XFR_BLOCK, fields)).toMatchObject({ type: DATA_BLOCK, status: FAILED, error: 1 });
    await host.powerOn();
    expect(await host.transmit(GET_VERSION)).toBe(VERSION);
  });

  test("a message may come in transfers of whole packets; a short one ends it; less than a header is dropped", async () => {
    await host.powerOn();
    const data = `00a404007f${"00".repeat(127)}`; // 10 + 132 bytes
    const message = ccidMessage(XFR_BLOCK, { seq: 9, data });
    for (const [start, end] of [
      [0, 64],
      [64, 128],
      [128, 142],
    ]) {
      await host.client.out(1, message.subarray(start, end));
    }
    expect(await host.receive()).toMatchObject({ seq: 9, status: 0, data: expect.stringMatching(/^6a8[0-9a-f]$/) });
    await host.client.out(1, message.subarray(0, 64));
    await host.client.out(1, Buffer.alloc(0));
    expect(await host.receive()).toMatchObject({ seq: 9, status: FAILED, error: 1 });
    await host.client.out(1, message.subarray(0, 64));
    await host.client.controlOut([0x00, 9, 1, 0]); // ends what had begun
    await host.powerOn();
    await host.client.out(1, message.subarray(0, 9));
    await host.client.out(1, Buffer.alloc(0));
    expect(await host.transmit(GET_VERSION)).toBe(VERSION);
  });
});

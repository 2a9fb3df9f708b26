// A card whose reader does what a vpcd does not do, or what PC/SC software makes it do.

import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FakeCard, FakeReader } from "../../test/support/fake-vpcd.ts";
import { SILENCE_LIMIT_MS } from "./card-in-reader.ts";
import { CONTROL_GET_ATR, CONTROL_POWER_OFF, CONTROL_POWER_ON, CONTROL_RESET } from "./vpcd-messages.ts";
import { plugIntoVpcd, type VpcdPlug } from "./vpcd-plug.ts";

const LONG_BYTES = 60_000;
/** expect.poll moves the test's clock a little. */
const SLACK_MS = 500;
const COMMAND = "00fd000000";

let slot: FakeReader;
let plug: VpcdPlug;
let card: FakeCard;
let commands: number;

beforeEach(async () => {
  commands = 0;
  slot = await FakeReader.listen();
  const come = slot.card();
  const transmit = async (): Promise<Uint8Array> => {
    commands++;
    return new Uint8Array(LONG_BYTES);
  };
  const openChannel = async () => ({ transmit, cancel: () => {}, close: () => {} });
  plug = plugIntoVpcd({ name: "long", openChannel, gone: new Promise(() => {}), close: () => {} }, slot.address, { emptyMs: 10 });
  card = await come;
});

afterEach(async () => {
  vi.useRealTimers();
  await plug.close();
  card.socket.destroy();
  slot.server.close();
});

test("a code that vpcd does not have is a command of one byte: answered, so that nobody waits", async () => {
  for (const code of [3, 5, 0xff]) expect(await card.command(code.toString(16).padStart(2, "0"))).toBe("6700");
});

test.each([CONTROL_POWER_OFF, CONTROL_POWER_ON, CONTROL_RESET])(
  "code %i may be a command of one byte, too: a reader that then waits for an answer loses the card, one that polls keeps it",
  async (code) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const poll = card.message(`${CONTROL_GET_ATR}`.padStart(2, "0"));
    const control = Buffer.from([0, 1, code]);
    card.socket.write(Buffer.concat([control, poll]));
    await card.answer();
    vi.advanceTimersByTime(2 * SILENCE_LIMIT_MS);
    card.socket.write(Buffer.concat([poll, control]));
    await card.answer();
    vi.advanceTimersByTime(SILENCE_LIMIT_MS - SLACK_MS);
    await turn();
    expect(card.socket.closed).toBe(false);
    const ended = once(card.socket, "close");
    vi.advanceTimersByTime(SLACK_MS);
    await ended;
  },
);

test("who sends commands without waiting for answers is dropped, and few are carried out", async () => {
  const ended = once(card.socket, "close");
  card.socket.write(Buffer.concat(Array.from({ length: 1000 }, () => card.message(COMMAND))));
  await ended;
  expect(commands).toBeLessThanOrEqual(8);
});

test("who reads no answers is dropped before they fill the memory", async () => {
  card.socket.pause();
  card.socket.setNoDelay(true);
  let isOver = false;
  card.socket.once("error", () => {
    isOver = true;
  });
  for (let i = 0; i < 5000 && !isOver; i++) {
    const before = commands;
    card.socket.write(card.message(COMMAND));
    // One at a time, however fast the machine is: many at once are dropped for another reason.
    for (const since = Date.now(); commands === before && !isOver && Date.now() - since < 100; ) await turn();
  }
  expect(isOver).toBe(true);
  expect(commands * LONG_BYTES).toBeLessThan(30_000_000); // the most is the system's buffers'
});

// A token in the virtual reader, against a server that speaks vpcd's side of the protocol.

import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ANSWER_TO_RESET } from "../../protocol/answer-to-reset.ts";
import { type FakeCard, FakeReader } from "../../test/support/fake-vpcd.ts";
import { PIN, SimulatedToken, WRONG_PIN } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openSocketTransport } from "../transport/socket.ts";
import { type Transport, TransportError } from "../transport/transport.ts";
import { EMPTY_MS, plugIntoVpcd, type VpcdPlug } from "./vpcd-plug.ts";

const POWER_OFF = 0;
const POWER_ON = 1;
const RESET = 2;
const GET_ATR = 4;
/** PCSCLITE_STATUS_POLL_RATE. */
const PCSCD_POLL_MS = 400;
const GET_VERSION = "00fd000000";
const SIGN = `0087119e26${"7c2482008120"}${"01".repeat(32)}00`;

const verify = (pin: string): string => `00200080${"08"}${Buffer.from(pin).toString("hex")}`;

/** No poll is waited for. */
const AT_ONCE = { emptyMs: 10 };

const folder = temporaryFolder();
const cablePath = join(folder, "token");

let simulated: SimulatedToken;
let cable: { close(): Promise<void> };
let transport: Transport;
let slot: FakeReader;
let plug: VpcdPlug;
let reader: FakeCard;

beforeEach(async () => {
  simulated = await SimulatedToken.initialised();
  await simulated.makeKey(0x9e, { pin: 1, button: 2 });
  slot = await FakeReader.listen();
  cable = await simulated.plugIn(cablePath);
  transport = await openSocketTransport(cablePath, "token");
  const accepted = slot.card();
  plug = plugIntoVpcd(transport, slot.address, AT_ONCE);
  reader = await accepted;
});

afterEach(async () => {
  await plug.close();
  reader.socket.destroy();
  slot.server.close();
  transport.close();
  await cable.close();
});

/** Another card: a token that answers each command in a way of its own. */
async function plugInScripted(transmit: () => Promise<Uint8Array>): Promise<FakeCard> {
  await plug.close();
  const channel = { transmit, cancel: () => {}, close: () => {} };
  const accepted = slot.card();
  plug = plugIntoVpcd(
    { name: "scripted", openChannel: async () => channel, gone: new Promise(() => {}), close: () => {} },
    slot.address,
    AT_ONCE,
  );
  reader = await accepted;
  return reader;
}

describe("the answer to reset", () => {
  test("has the right length, offers T=1, and ends with the XOR of what follows TS (ISO 7816-3 §8.2.5)", () => {
    const atr = ANSWER_TO_RESET;
    const [ts, t0 = 0, td1] = atr;
    expect([ts, td1]).toEqual([0x3b, 0x01]);
    expect(atr.length).toBe(2 + 1 + (t0 & 0x0f) + 1);
    expect(atr.subarray(1).reduce((sum, byte) => sum ^ byte, 0)).toBe(0);
    expect(atr.length).toBeLessThanOrEqual(33);
  });

  test("is given to whoever asks, and to nobody else", async () => {
    reader.control(GET_ATR);
    expect(await reader.answer()).toBe(Buffer.from(ANSWER_TO_RESET).toString("hex"));
    for (const code of [POWER_ON, POWER_OFF, RESET]) reader.control(code);
    expect(await reader.command(GET_VERSION)).toBe("0504039000");
    expect(reader.isSilent).toBe(true);
  });
});

describe("a command", () => {
  test("is answered, whatever its length", async () => {
    expect(await reader.command(GET_VERSION)).toBe("0504039000");
    expect(await reader.command("00a4040005a000000308")).toMatch(/^61.*9000$/);
    expect(await reader.command(`00db3fff00${"0bb8"}${"00".repeat(3000)}`)).toMatch(/^6[0-9a-f]{3}$/);
    expect(await reader.command(`00db3fff00${"2000"}${"00".repeat(0x2000)}`)).toBe("6700"); // longer than a message to a token
    expect(await reader.command(GET_VERSION)).toBe("0504039000");
  });

  test("may arrive byte by byte, and length and body apart, as Debian's vpcd sends them", async () => {
    for (const byte of reader.message(GET_VERSION)) {
      reader.socket.write(Buffer.from([byte]));
      await sleep(1);
    }
    expect(await reader.answer()).toBe("0504039000");
    reader.socket.write(Buffer.from([0, 5]));
    await sleep(5);
    reader.socket.write(Buffer.from(GET_VERSION, "hex"));
    expect(await reader.answer()).toBe("0504039000");
  });

  test("behind an empty message, or a control code, in one write is answered all the same", async () => {
    reader.socket.write(Buffer.concat([Buffer.from([0, 0, 0, 1, POWER_ON]), reader.message(GET_VERSION)]));
    expect(await reader.answer()).toBe("0504039000");
  });

  test.each([
    ["power off", POWER_OFF],
    ["power on", POWER_ON],
    ["reset", RESET],
  ])("finds no PIN verified after %s", async (_, code) => {
    expect(await reader.command(verify(PIN))).toBe("9000");
    expect(await reader.command("00200080")).toBe("9000");
    reader.control(code);
    expect(await reader.command("00200080")).toBe("63c3");
  });

  test("waits while another program has the token", async () => {
    simulated.button.script = { kind: "never" };
    const other = simulated.channel().transmit(new Uint8Array(Buffer.from(SIGN, "hex")));
    reader.socket.write(reader.message(GET_VERSION));
    await sleep(60);
    expect(reader.isSilent).toBe(true);
    simulated.button.pressNow();
    expect(await reader.answer()).toBe("0504039000");
    expect((await other).length).toBeGreaterThan(70);
  });
});

describe("the plug", () => {
  test("dials again when vpcd goes and comes", async () => {
    const { port } = slot.address;
    const closed = once(slot.server, "close");
    slot.server.close();
    reader.socket.destroy();
    await closed;
    await sleep(250); // it dials in vain
    slot = await FakeReader.listen(port);
    reader = await slot.card();
    expect(await reader.command(GET_VERSION)).toBe("0504039000");
  });

  test("finds no PIN verified on a new connection", async () => {
    expect(await reader.command(verify(PIN))).toBe("9000");
    const next = slot.card();
    reader.socket.destroy();
    reader = await next;
    expect(await reader.command("00200080")).toBe("63c3");
  });

  test("that is pulled answers a command that waits for the button with 6F00, and takes the card out", async () => {
    simulated.button.script = { kind: "never" };
    reader.socket.write(reader.message(SIGN));
    await expect.poll(() => simulated.token.isBusy()).toBe(true);
    const ended = once(reader.socket, "end");
    void plug.close();
    expect(await reader.answer()).toBe("6f00");
    await ended;
    expect(reader.isSilent).toBe(true);
    reader.socket.destroy();
    await expect.poll(() => simulated.token.isBusy()).toBe(false);
  });

  test("that is pulled does not dial again", async () => {
    await reader.command(GET_VERSION);
    await plug.close();
    let isDialled = false;
    slot.server.once("connection", () => {
      isDialled = true;
    });
    await sleep(300);
    expect(isDialled).toBe(false);
  });

  test("that is pulled while it dials leaves no card behind", async () => {
    const accepted = slot.card();
    const dialling = plugIntoVpcd(transport, slot.address, { emptyMs: 0 });
    await sleep(1); // its timer came first
    void dialling.close();
    const late = await Promise.race([accepted, sleep(100)]);
    const gone = new Promise((resolve) => late?.socket.once("close", () => resolve(true)));
    const isOver = late === undefined || (await Promise.race([gone, sleep(300)])) === true;
    late?.socket.destroy();
    expect(isOver).toBe(true);
  });

  test("that is pulled does not carry out afterwards what it has answered with 6F00", async () => {
    simulated.button.script = { kind: "never" };
    const other = simulated.channel().transmit(new Uint8Array(Buffer.from(SIGN, "hex")));
    const opened = vi.spyOn(transport, "openChannel");
    reader.socket.write(reader.message(verify(WRONG_PIN)));
    await expect.poll(() => opened.mock.calls.length).toBe(1);
    await sleep(30);
    void plug.close();
    expect(await reader.answer()).toBe("6f00");
    reader.socket.destroy();
    simulated.button.pressNow();
    await other;
    await sleep(60);
    expect(await simulated.client().pinTriesLeft()).toBe(3);
  });

  test("leaves the reader empty for longer than pcscd's poll, so that pcscd sees it", async () => {
    await plug.close();
    const come = slot.card();
    const emptyMs = 300;
    const plugged = performance.now();
    plug = plugIntoVpcd(transport, slot.address, { emptyMs });
    const first = await come;
    expect(performance.now() - plugged).toBeGreaterThan(emptyMs - 5);
    const next = slot.card();
    const left = performance.now();
    first.socket.destroy();
    reader = await next;
    expect(performance.now() - left).toBeGreaterThan(emptyMs - 5);
    expect(EMPTY_MS).toBeGreaterThan(2 * PCSCD_POLL_MS);
  });

  test("tells when pcscd knows of the card, when it is out, and once that nobody asks for it", async () => {
    const told: string[] = [];
    await plug.close();
    const accepted = slot.card();
    const events = { in: () => told.push("in"), out: () => told.push("out") };
    plug = plugIntoVpcd(transport, slot.address, { ...AT_ONCE, ...events });
    reader = await accepted;
    await sleep(20);
    expect(told).toEqual([]);
    for (let i = 0; i < 2; i++) {
      reader.control(GET_ATR);
      await reader.answer();
    }
    expect(told).toEqual(["in"]);
    await plug.close();
    await expect.poll(() => told).toEqual(["in", "out"]);
  });
});

describe("a token that goes", () => {
  test("while the button is waited for: 6F00, and the card is out for good", async () => {
    simulated.button.script = { kind: "never" };
    reader.socket.write(reader.message(SIGN));
    await expect.poll(() => simulated.token.isBusy()).toBe(true);
    const ended = once(reader.socket, "end");
    await cable.close();
    expect(await reader.answer()).toBe("6f00");
    await ended;
    const again = await Promise.race([once(slot.server, "connection"), sleep(300)]);
    expect(again).toBeUndefined();
  });

  test("for the channel alone: 6F00, and the card comes back as another one", async () => {
    let failures = 1;
    await plugInScripted(async () => {
      if (failures-- > 0) throw new TransportError("confused", "answers in pieces");
      return Uint8Array.of(0x90, 0);
    });
    const next = slot.card();
    expect(await reader.command(GET_VERSION)).toBe("6f00");
    reader = await next;
    expect(await reader.command(GET_VERSION)).toBe("9000");
  });

  test("is not one that another program keeps busy: 6F00, and the card stays", async () => {
    let failures = 1;
    await plugInScripted(async () => {
      if (failures-- > 0) throw new TransportError("busy", "for 20 s");
      return Uint8Array.of(0x90, 0);
    });
    expect(await reader.command(GET_VERSION)).toBe("6f00");
    expect(await reader.command(GET_VERSION)).toBe("9000");
  });
});

describe("pcscd", () => {
  test("that goes while the button is waited for ends the wait", async () => {
    simulated.button.script = { kind: "never" };
    reader.socket.write(reader.message(SIGN));
    await expect.poll(() => simulated.token.isBusy()).toBe(true);
    reader.socket.destroy();
    await expect.poll(() => simulated.token.isBusy()).toBe(false);
  });

  test("that only polls costs the token no channel", async () => {
    let channels = 0;
    await plug.close();
    const counted: Transport = {
      ...transport,
      openChannel: () => {
        channels++;
        return transport.openChannel();
      },
    };
    const accepted = slot.card();
    plug = plugIntoVpcd(counted, slot.address, AT_ONCE);
    reader = await accepted;
    for (const code of [POWER_ON, GET_ATR, RESET, GET_ATR]) reader.control(code);
    expect(await reader.answer()).toBe(await reader.answer());
    expect(channels).toBe(0);
    for (let i = 0; i < 3; i++) await reader.command(GET_VERSION);
    expect(channels).toBe(1);
  });
});

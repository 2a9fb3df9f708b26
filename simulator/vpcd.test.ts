// The virtual reader, against a server that speaks vpcd's side of the protocol.

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ANSWER_TO_RESET } from "../protocol/answer-to-reset.ts";
import { PIN, SimulatedToken, WRONG_PIN } from "../test/support/simulated-token.ts";
import { plugIntoVpcd, type VpcdPlug } from "./vpcd.ts";

const POWER_OFF = 0;
const POWER_ON = 1;
const RESET = 2;
const GET_ATR = 4;
const GET_VERSION = "00fd000000";
const SIGN = `0087119e26${"7c2482008120"}${"01".repeat(32)}00`;

const verify = (pin: string): string => `00200080${"08"}${Buffer.from(pin).toString("hex")}`;

let simulated: SimulatedToken;
let server: Server;
let plug: VpcdPlug;
let reader: FakeVpcd;

/** One connection of a card, as vpcd has it. */
class FakeVpcd {
  readonly socket: Socket;
  private received = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
  }

  static async accept(from: Server): Promise<FakeVpcd> {
    const [socket] = (await once(from, "connection")) as [Socket];
    return new FakeVpcd(socket);
  }

  message(hex: string): Buffer {
    const body = Buffer.from(hex, "hex");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(body.length);
    return Buffer.concat([length, body]);
  }

  control(code: number): void {
    this.socket.write(Buffer.from([0, 1, code]));
  }

  async answer(): Promise<string> {
    const whole = (): boolean => this.received.length >= 2 && this.received.length >= 2 + this.received.readUInt16BE(0);
    await expect.poll(whole, { interval: 1, timeout: 5000 }).toBe(true);
    const end = 2 + this.received.readUInt16BE(0);
    const message = this.received.subarray(2, end);
    this.received = this.received.subarray(end);
    return message.toString("hex");
  }

  command(hex: string): Promise<string> {
    this.socket.write(this.message(hex));
    return this.answer();
  }

  get isSilent(): boolean {
    return this.received.length === 0;
  }
}

function address(): { host: string; port: number } {
  return { host: "127.0.0.1", port: (server.address() as { port: number }).port };
}

async function listen(port = 0): Promise<void> {
  server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
}

beforeEach(async () => {
  simulated = await SimulatedToken.initialised();
  await simulated.makeKey(0x9e, { pin: 1, button: 2 });
  await listen();
  const accepted = FakeVpcd.accept(server);
  plug = plugIntoVpcd(simulated.token, address());
  reader = await accepted;
});

afterEach(() => {
  plug.close();
  reader.socket.destroy();
  server.close();
});

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
    for (const code of [POWER_ON, POWER_OFF, RESET, 3, 77]) reader.control(code);
    expect(await reader.command(GET_VERSION)).toBe("0504039000");
    expect(reader.isSilent).toBe(true);
  });
});

describe("a command", () => {
  test("is answered, whatever its length", async () => {
    expect(await reader.command(GET_VERSION)).toBe("0504039000");
    expect(await reader.command("00a4040005a000000308")).toMatch(/^61.*9000$/);
    expect(await reader.command(`00db3fff00${"0bb8"}${"00".repeat(3000)}`)).toMatch(/^6[0-9a-f]{3}$/);
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
    const { port } = address();
    const closed = once(server, "close");
    server.close();
    reader.socket.destroy();
    await closed;
    await sleep(250); // it dials in vain
    await listen(port);
    reader = await FakeVpcd.accept(server);
    expect(await reader.command(GET_VERSION)).toBe("0504039000");
  });

  test("finds no PIN verified on a new connection", async () => {
    expect(await reader.command(verify(PIN))).toBe("9000");
    const next = FakeVpcd.accept(server);
    reader.socket.destroy();
    reader = await next;
    expect(await reader.command("00200080")).toBe("63c3");
  });

  test("that is pulled answers a command that waits for the button with 6F00, and takes the card out", async () => {
    simulated.button.script = { kind: "never" };
    reader.socket.write(reader.message(SIGN));
    await expect.poll(() => simulated.token.isBusy()).toBe(true);
    const ended = once(reader.socket, "end");
    plug.close();
    expect(await reader.answer()).toBe("6f00");
    await ended;
    expect(reader.isSilent).toBe(true);
    reader.socket.destroy();
    await expect.poll(() => simulated.token.isBusy()).toBe(false);
  });

  test("that is pulled does not dial again", async () => {
    await reader.command(GET_VERSION);
    const closed = once(reader.socket, "close");
    plug.close();
    await closed;
    let isDialled = false;
    server.once("connection", () => {
      isDialled = true;
    });
    await sleep(300);
    expect(isDialled).toBe(false);
  });

  test("that is pulled while it dials leaves no card behind", async () => {
    const accepted = FakeVpcd.accept(server);
    plugIntoVpcd(simulated.token, address()).close();
    const late = await Promise.race([accepted, sleep(100)]);
    const gone = new Promise((resolve) => late?.socket.once("close", () => resolve(true)));
    const isOver = late === undefined || (await Promise.race([gone, sleep(300)])) === true;
    late?.socket.destroy();
    expect(isOver).toBe(true);
  });

  test("that is pulled does not carry out afterwards what it has answered with 6F00", async () => {
    simulated.button.script = { kind: "never" };
    const other = simulated.channel().transmit(new Uint8Array(Buffer.from(SIGN, "hex")));
    reader.socket.write(reader.message(verify(WRONG_PIN)));
    await sleep(30);
    plug.close();
    expect(await reader.answer()).toBe("6f00");
    reader.socket.destroy();
    simulated.button.pressNow();
    await other;
    await sleep(60);
    expect(await simulated.client().pinTriesLeft()).toBe(3);
  });
});

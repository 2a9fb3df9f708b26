// Which token lies in which reader, and pcscd's socket held open meanwhile: against readers and a pcscd of the test's own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeCard, FakeReader } from "../../test/support/fake-vpcd.ts";
import { isRoot, nodeAs, ORDINARY_USER } from "../../test/support/ordinary-user.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Transport } from "../transport/transport.ts";
import { type PcscEvent, PcscReaders } from "./pcsc-readers.ts";
import { CONTROL_GET_ATR } from "./vpcd-messages.ts";

const ANSWER = Uint8Array.of(0x90, 0x00);
const pcscdSocket = join(temporaryFolder(), "pcscd.comm");

/** A token that can be pulled out. */
class FakeToken {
  pull: () => void = () => {};
  readonly transport: Transport = {
    name: "fake",
    gone: new Promise((resolve) => {
      this.pull = () => resolve();
    }),
    openChannel: async () => ({ transmit: async () => ANSWER, cancel: () => {}, close: () => {} }),
    close: () => this.pull(),
  };
}

let slots: FakeReader[];
let pcscd: Server;
let holds: Socket[];
let told: PcscEvent[];
let readers: PcscReaders;

async function startPcscd(): Promise<void> {
  rmSync(pcscdSocket, { force: true });
  pcscd = createServer((socket) => {
    holds.push(socket);
    socket.on("close", () => holds.splice(holds.indexOf(socket), 1));
    socket.on("error", () => {});
  }).listen(pcscdSocket);
  await once(pcscd, "listening");
}

async function stopPcscd(): Promise<void> {
  const closed = once(pcscd, "close");
  pcscd.close();
  for (const hold of [...holds]) hold.destroy();
  await closed;
}

/** The card that comes into a reader, as pcscd finds it. */
async function cardIn(slot: FakeReader | undefined): Promise<FakeCard | undefined> {
  const card = await slot?.card();
  card?.control(CONTROL_GET_ATR);
  await card?.answer();
  return card;
}

const events = (): string[] => told.map((event) => `${event.event} ${event.event === "trouble" ? event.about : event.name}`);

beforeEach(async () => {
  [holds, told] = [[], []];
  await startPcscd();
  slots = [await FakeReader.listen(), await FakeReader.listen()];
  readers = new PcscReaders({
    addresses: slots.map(({ address }) => address),
    pcscdSocket,
    log: (event) => told.push(event),
    emptyMs: 50,
    redialMs: 50,
  });
});

afterEach(async () => {
  await readers.close();
  await stopPcscd();
  for (const { server } of slots) server.close();
});

test("two tokens lie in the two readers; a third waits, is told so, and gets the reader that becomes free", async () => {
  const [first, second, third] = [new FakeToken(), new FakeToken(), new FakeToken()];
  const come = Promise.all(slots.map(cardIn));
  readers.show("first", first.transport);
  readers.show("second", second.transport);
  readers.show("third", third.transport);
  expect(events()).toEqual(["pcsc-full third"]);
  const [inFirst, inSecond] = await come;
  await expect.poll(events).toEqual(["pcsc-full third", "pcsc-in first", "pcsc-in second"]);
  expect(told[1]).toMatchObject({ reader: `127.0.0.1:${slots[0]?.address.port}` });
  const next = cardIn(slots[1]);
  second.pull();
  await once(inSecond?.socket as Socket, "close");
  const again = await next;
  await expect.poll(() => events().slice(3)).toEqual(["pcsc-out second", "pcsc-in third"]);
  expect(await again?.command("00fd000000")).toBe("9000");
  expect(await inFirst?.command("00fd000000")).toBe("9000");
});

test("one that goes while it waits gets no reader", async () => {
  const [first, second, third] = [new FakeToken(), new FakeToken(), new FakeToken()];
  const come = Promise.all(slots.map(cardIn));
  for (const [name, token] of Object.entries({ first, second, third })) readers.show(name, token.transport);
  await come;
  third.pull();
  await third.transport.gone;
  let cards = 0;
  slots[0]?.server.on("connection", () => cards++);
  first.pull();
  await expect.poll(events).toContain("pcsc-out first");
  await sleep(250);
  expect(cards).toBe(0);
});

test("pcscd's socket is held open, without a word, as long as a token is there; held again when pcscd comes back", async () => {
  expect(holds).toHaveLength(0);
  const token = new FakeToken();
  const come = cardIn(slots[0]);
  readers.show("token", token.transport);
  await expect.poll(() => holds.length).toBe(1);
  expect(holds[0]?.bytesRead).toBe(0);
  await come;
  await stopPcscd();
  await expect.poll(events, { timeout: 3000 }).toContain("trouble pcscd");
  await startPcscd();
  await expect.poll(() => holds.length, { timeout: 3000 }).toBe(1);
  token.pull();
  await expect.poll(() => holds.length).toBe(0);
  expect(events().filter((event) => event === "trouble pcscd")).toHaveLength(1);
});

test("a pcscd that lets this user not in is told after three tries, and left in peace", async () => {
  let tries = 0;
  pcscd.on("connection", (socket) => {
    tries++;
    socket.destroy();
  });
  readers.show("token", new FakeToken().transport);
  await expect.poll(events, { timeout: 5000 }).toContain("trouble pcscd");
  expect(told.find(({ event }) => event === "trouble")).toMatchObject({ reason: expect.stringContaining("polkit") });
  await sleep(200);
  expect(tries).toBe(3);
});

test("a missing pcscd is told first, and a missing vpcd when pcscd has come, once each", async () => {
  await stopPcscd();
  const nobody = await FakeReader.listen();
  const free = nobody.address;
  nobody.server.close();
  const own = new PcscReaders({
    addresses: [free],
    pcscdSocket,
    log: (event) => told.push(event),
    emptyMs: 50,
    redialMs: 50,
    patienceMs: 100,
  });
  own.show("token", new FakeToken().transport);
  await sleep(300);
  expect(events()).toEqual(["trouble pcscd"]);
  await startPcscd();
  await expect.poll(events, { timeout: 3000 }).toEqual(["trouble pcscd", "trouble vpcd"]);
  expect(told[1]).toMatchObject({ reason: expect.stringContaining(`ECONNREFUSED 127.0.0.1:${free.port}`) });
  await sleep(300);
  expect(events()).toHaveLength(2);
  await own.close();
});

test.runIf(isRoot)(
  "a program of another user that waits for a card gets none, is told of once and dialled less and less; the system's is at once",
  async () => {
    const script = `const server = require("net").createServer((card) => {
    card.on("error", () => {}).end(Buffer.from([0, 1, 4]));
    process.stdout.write("!");
  }).listen(0, "127.0.0.1", () => console.log(server.address().port))`;
    const stranger = spawn(...nodeAs(ORDINARY_USER, ["-e", script]), { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(stranger.stdout, "data")) as [Buffer];
    const address = { host: "127.0.0.1", port: Number(line) };
    const own = new PcscReaders({ addresses: [address], pcscdSocket, log: (event) => told.push(event), emptyMs: 50 });
    own.show("token", new FakeToken().transport);
    const dialledMs: number[] = [];
    stranger.stdout.on("data", (bytes: Buffer) => dialledMs.push(...Array.from(bytes, () => performance.now())));
    await expect.poll(() => dialledMs.length, { timeout: 10_000 }).toBe(4); // after 0.2 s, 0.4 s, 0.8 s; then it would be 1.6 s
    const [first = 0, , , fourth = 0] = dialledMs;
    expect(fourth - first).toBeGreaterThan(1000);
    expect(told).toEqual([{ event: "pcsc-stranger", name: "token", reader: `127.0.0.1:${address.port}`, uid: ORDINARY_USER.uid }]);
    stranger.kill();
    await once(stranger, "exit");
    const system = await FakeReader.listen(address.port);
    const card = await system.card();
    expect(performance.now() - fourth).toBeLessThan(1500);
    await own.close();
    card.socket.destroy();
    system.server.close();
  },
);

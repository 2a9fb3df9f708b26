// The bridge in the test's own process: tokens that come and go, and what applications see of that.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { INS_GET_METADATA, OBJECT_SIGNATURE_CERTIFICATE } from "../protocol/piv.ts";
import { FakeReader } from "../test/support/fake-vpcd.ts";
import { ay, fu, RpcClient, y } from "../test/support/rpc-client.ts";
import { SERIAL, SimulatedToken } from "../test/support/simulated-token.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { type BridgeEvent, type RunningBridge, startBridge } from "./bridge.ts";
import { BridgeRunningError } from "./pkcs11/bridge-running.ts";
import { SimulatorSource } from "./sources/simulator-source.ts";
import type { TokenPort, TokenSource } from "./sources/token-source.ts";
import { TokenWatch } from "./token-watch.ts";
import { openSocketTransport } from "./transport/socket.ts";
import type { TokenChannel, Transport } from "./transport/transport.ts";

const base = temporaryFolder();
let count = 0;
let tokenFolder: string;
let pkcs11Socket: string;
let events: BridgeEvent[];
let bridge: RunningBridge;
let cables: { close(): Promise<void> }[];

beforeEach(() => {
  tokenFolder = join(base, `tokens-${count}`);
  pkcs11Socket = join(base, `pkcs11-${count++}`);
  [events, cables] = [[], []];
});

afterEach(async () => {
  await bridge.close();
  for (const cable of cables) await cable.close();
});

async function plugIn(name: string, simulated = new SimulatedToken()): Promise<{ close(): Promise<void> }> {
  const cable = await simulated.plugIn(join(tokenFolder, `${name}.sock`));
  cables.push(cable);
  return cable;
}

async function start(): Promise<void> {
  const own = events; // what an earlier bridge still has to tell is not for this test
  bridge = await startBridge({ tokenFolder, pkcs11Socket, log: (event) => own.push(event) });
}

const logged = (kind: BridgeEvent["event"]): BridgeEvent[] => events.filter(({ event }) => event === kind);

async function presentSlots(): Promise<number[] | number> {
  const rpc = await RpcClient.connect(pkcs11Socket);
  await rpc.call("C_Initialize", ay(null), y(0), ay(null));
  const slots = (await rpc.call("C_GetSlotList", y(1), fu(10))).ulongArray();
  rpc.close();
  return slots;
}

describe("a token", () => {
  test("that is plugged in before the bridge starts is there at once", async () => {
    await plugIn("first");
    await start();
    expect(logged("token-in")).toEqual([{ event: "token-in", name: "first", serial: String(SERIAL), slot: SERIAL }]);
    expect(await presentSlots()).toEqual([SERIAL]);
  });

  test("that is plugged in later appears by itself, and so does a second one", async () => {
    await start();
    expect(await presentSlots()).toEqual([]);
    await plugIn("later");
    await expect.poll(presentSlots).toEqual([SERIAL]);
    await plugIn("second");
    await expect.poll(presentSlots).toEqual([SERIAL, SERIAL + 1]);
  });

  test("that is unplugged leaves an empty slot; plugged in again, by whatever name, it has its slot again", async () => {
    const cable = await plugIn("token");
    await start();
    await cable.close();
    await expect.poll(presentSlots).toEqual([]);
    expect(logged("token-out")).toEqual([{ event: "token-out", name: "token", slot: SERIAL }]);
    await plugIn("other-socket");
    await expect.poll(presentSlots).toEqual([SERIAL]);
  });

  test("has its slot again after a restart of the bridge", async () => {
    await plugIn("a", new SimulatedToken(12));
    await plugIn("b", new SimulatedToken(11));
    await start();
    const before = await presentSlots();
    await bridge.close();
    await start();
    expect([new Set(before as number[]), new Set((await presentSlots()) as number[])]).toEqual([new Set([11, 12]), new Set([11, 12])]);
  });

  test("behind a socket that nobody serves is told once, with the reason, and taken when it is there", async () => {
    mkdirSync(tokenFolder, { recursive: true });
    writeFileSync(join(tokenFolder, "dead.sock"), "");
    await start();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(logged("token-refused")).toEqual([
      { event: "token-refused", name: "dead", reason: expect.stringContaining("no simulated token at") },
    ]);
    await plugIn("dead");
    await expect.poll(presentSlots).toHaveLength(1);
  });

  test("with a data object that is no certificate is there all the same", async () => {
    const simulated = await SimulatedToken.initialised();
    await simulated.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, Uint8Array.of(1, 2, 3));
    await plugIn("odd", simulated);
    await start();
    expect(events).toContainEqual({ event: "token-in", name: "odd", serial: String(SERIAL), slot: SERIAL });
  });
});

test("files that are no sockets of tokens are left alone", async () => {
  mkdirSync(tokenFolder, { recursive: true });
  writeFileSync(join(tokenFolder, "notes.txt"), "");
  await start();
  expect(events).toEqual([]);
});

test("a folder that cannot be read is told once, and looked at again", async () => {
  await start();
  rmSync(tokenFolder, { recursive: true });
  writeFileSync(tokenFolder, "");
  await expect.poll(() => logged("trouble")).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(logged("trouble")).toEqual([{ event: "trouble", about: "simulators", reason: expect.stringMatching(/EEXIST|ENOTDIR/) }]);
  rmSync(tokenFolder);
  await plugIn("after");
  await expect.poll(presentSlots).toHaveLength(1);
});

test("with readers for smart cards, tokens lie there, too; a card that comes from such a reader does not", async () => {
  const reader = await FakeReader.listen();
  const card = reader.card();
  await plugIn("token", new SimulatedToken(SERIAL + 1));
  const cardFolder = join(base, "cards");
  cables.push(await new SimulatedToken().plugIn(join(cardFolder, "card.sock")));
  const cards: TokenSource = { kind: "pcsc", look: () => new SimulatorSource(cardFolder).look() };
  const pcsc = { addresses: [reader.address], pcscdSocket: join(base, "no-pcscd"), emptyMs: 50 };
  bridge = await startBridge({ tokenFolder, pkcs11Socket, sources: [cards], pcsc, log: (event) => events.push(event) });
  expect(await presentSlots()).toHaveLength(2);
  expect(await (await card).command("00f8000000")).toBe(`${(SERIAL + 1).toString(16).padStart(8, "0")}9000`);
  expect(logged("pcsc-full")).toEqual([]);
  await bridge.close();
  reader.server.close();
});

test("a token that comes in on its own cable while it is read as a card is there once, and nothing is told of the card", async () => {
  const simulated = new SimulatedToken();
  const cardSocket = join(base, "slow-card", "card.sock");
  cables.push(await simulated.plugIn(cardSocket));
  let isKnown = false;
  async function open(): Promise<Transport> {
    const transport = await openSocketTransport(cardSocket, "card");
    const openChannel = async (): Promise<TokenChannel> => {
      const channel = await transport.openChannel();
      const transmit: TokenChannel["transmit"] = async (apdu, options) => {
        isKnown ||= apdu[1] === INS_GET_METADATA; // who it is, is told; now its keys
        if (isKnown) await transport.gone;
        return channel.transmit(apdu, options);
      };
      return { transmit, cancel: () => channel.cancel(), close: () => channel.close() };
    };
    return { name: "card", gone: transport.gone, openChannel, close: () => transport.close() };
  }
  const card: TokenPort = { id: "card", name: "card", mark: "", retryMs: 10_000, open };
  const cards: TokenSource = { kind: "pcsc", look: async () => [card] };
  const own: BridgeEvent[] = [];
  const watch = new TokenWatch([new SimulatorSource(tokenFolder), cards], (event) => own.push(event));
  void watch.look();
  await expect.poll(() => isKnown).toBe(true);
  await plugIn("cable", simulated);
  await watch.look();
  await watch.settled();
  await watch.close();
  expect(own.filter(({ event }) => event !== "token-out")).toMatchObject([{ event: "token-in", name: "cable", serial: String(SERIAL) }]);
  await start();
});

test("a second bridge on the same socket refuses before it opens a token", async () => {
  await plugIn("token");
  await start();
  const own: BridgeEvent[] = [];
  const second = startBridge({ tokenFolder, pkcs11Socket, log: (event) => own.push(event) });
  await expect(second).rejects.toBeInstanceOf(BridgeRunningError);
  expect(own).toEqual([]);
  expect(await presentSlots()).toEqual([SERIAL]);
});

test("a closed bridge serves nobody, and lets the tokens go", async () => {
  await plugIn("token");
  await start();
  await bridge.close();
  await expect(RpcClient.connect(pkcs11Socket)).rejects.toThrow();
  await expect.poll(() => logged("token-out")).toHaveLength(1);
});

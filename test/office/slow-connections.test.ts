// Connections that send a byte now and then: they wait for their own time limit, and keep nobody else waiting. And how many one address may have.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isThisMachine, limitConnections } from "../../office/server/connection-limit.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { revokingWithoutCa } from "../support/office-rows.ts";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { testSealing } from "../support/test-sealing.ts";

const SLOW = 200;
const ASKED = 20;
/** On a machine with much else to do. */
const PATIENCE_MS = 5000;
const BOUNDARY = "slow";

let bench: TestStore;
let app: FastifyInstance;
let port: number;

beforeAll(async () => {
  bench = await openTestStore("pglite");
  const clock = { now: () => new Date() };
  app = await createOfficeServer({
    store: bench.store,
    clock,
    publicUrl: "http://127.0.0.1:8440",
    revoking: revokingWithoutCa(bench.store, clock.now),
    auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
    sealing: testSealing,
    ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
    logLevel: "silent",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  ({ port } = app.server.address() as AddressInfo);
}, STORE_START_LIMIT_MS);

afterAll(async () => {
  app.server.closeAllConnections();
  await app.close();
  await bench.close();
});

const head = (path: string, type: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${type}\r\ncontent-length: 60000\r\n`;
/** Never ends its head, its form, its file. */
const BEGINNINGS = [
  "GET /help HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ",
  `${head("/account/sign-in", "application/x-www-form-urlencoded")}\r\nemail=`,
  `${head("/my/dossiers/00000000-0000-4000-8000-000000000000/evidence", `multipart/form-data; boundary=${BOUNDARY}`)}\r\n--${BOUNDARY}\r\n`,
  "",
];

test(`${SLOW} connections that send next to nothing keep nobody else waiting`, async () => {
  const { requestTimeout, headersTimeout } = app.server;
  expect([requestTimeout, headersTimeout]).toEqual([120_000, 60_000]);
  const slow: Socket[] = [];
  for (let i = 0; i < SLOW; i++) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(BEGINNINGS[i % BEGINNINGS.length] ?? "");
    slow.push(socket);
  }
  const ticking = setInterval(() => {
    for (const socket of slow) socket.write("a");
  }, 50);
  const times: number[] = [];
  for (let i = 0; i < ASKED; i++) {
    const began = performance.now();
    expect((await fetch(`http://127.0.0.1:${port}/help`)).status).toBe(200);
    times.push(performance.now() - began);
  }
  clearInterval(ticking);
  for (const socket of slow) socket.destroy();
  times.sort((a, b) => a - b);
  expect(times.at(-1)).toBeLessThan(PATIENCE_MS);
}, 60_000);

test("one address has so many connections and no more; another has its own, and one that closes makes room", async () => {
  const server = createServer((socket) => socket.on("error", () => {})).listen(0, "0.0.0.0");
  limitConnections(server, 3, (address) => address === "127.0.0.3");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  const made: Socket[] = [];
  /** null: it is closed after a moment. */
  const open = async (localAddress: string): Promise<Socket | null> => {
    const socket = connect({ port: own, host: "127.0.0.1", localAddress });
    made.push(socket);
    socket.on("error", () => {});
    const closed = once(socket, "close").then(() => null);
    await once(socket, "connect");
    return Promise.race([closed, new Promise<Socket>((resolve) => setTimeout(() => resolve(socket), 200))]);
  };
  const mine = [await open("127.0.0.1"), await open("127.0.0.1"), await open("127.0.0.1")];
  expect(mine.map((socket) => socket !== null)).toEqual([true, true, true]);
  expect(await open("127.0.0.1")).toBeNull();
  const others = [await open("127.0.0.2"), ...(await Promise.all(Array.from({ length: 5 }, () => open("127.0.0.3"))))];
  expect(others).not.toContain(null);
  mine[0]?.destroy();
  await expect.poll(() => open("127.0.0.1"), { timeout: 5000 }).not.toBeNull();
  server.close();
  for (const socket of made) socket.destroy();
});

test("this machine's own addresses are a proxy's, or its programs'", () => {
  expect(["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"].map(isThisMachine)).toEqual([true, true, true, true]);
  expect(["128.0.0.1", "::2", "10.0.0.1", "::ffff:10.0.0.1", ""].map(isThisMachine)).toEqual([false, false, false, false, false]);
});

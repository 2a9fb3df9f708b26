// Servers that share a folder take turns at its socket: always one, never two, none that fails over another.

import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer as createHttpServer, get } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fastify } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type AdminSocket, openAdminSocket } from "./admin-socket.ts";

const EVERY_MS = 20;
const SLOW_MS = 150;
let folder: string;
let path: string;
const open: AdminSocket[] = [];
let failures: unknown[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sceau-socket-"));
  path = join(folder, "office.sock");
  failures = [];
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((socket) => socket.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** A server that says its name. */
async function serve(name: string): Promise<AdminSocket> {
  const socket = await openAdminSocket({
    path,
    serve: () => {
      const app = fastify();
      app.get("/name", () => name);
      app.get("/slow", async () => {
        await sleep(SLOW_MS);
        return name;
      });
      return app;
    },
    failed: (error) => failures.push(error),
    everyMs: EVERY_MS,
  });
  open.push(socket);
  return socket;
}

function ask(where = "/name"): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get({ socketPath: path, path: where, agent: false }, async (answer) => {
      let text = "";
      for await (const part of answer) text += String(part);
      resolve(text);
    });
    asked.once("error", reject);
  });
}

const owners = (sockets: readonly AdminSocket[]): number => sockets.filter((socket) => socket.isOurs()).length;
const onlyOne = (sockets: readonly AdminSocket[]) => expect.poll(() => owners(sockets)).toBe(1);

/** As a server that was killed leaves it: the file, and nobody behind it. */
async function leaveDeadSocket(): Promise<void> {
  const server: Server = createServer();
  const other = join(folder, "dead");
  await new Promise<void>((resolve) => server.listen(other, resolve));
  renameSync(other, path); // so that closing does not remove it
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(statSync(path).isSocket()).toBe(true);
}

it.each(["on a fresh folder", "after one that was killed"])(
  "of several that start at once %s, one answers, and none fails",
  async (where) => {
    if (where !== "on a fresh folder") await leaveDeadSocket();
    const sockets = await Promise.all(["a", "b", "c", "d"].map(serve));
    await onlyOne(sockets);
    await sleep(5 * EVERY_MS);
    expect(owners(sockets)).toBe(1);
    expect(await ask()).toBe(["a", "b", "c", "d"][sockets.findIndex((socket) => socket.isOurs())]);
    expect(readdirSync(folder)).toEqual(["office.sock"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(failures).toEqual([]);
  },
);

it("one that comes later leaves it to the first, and takes it when the first stops", async () => {
  const first = await serve("first");
  const second = await serve("second");
  await sleep(5 * EVERY_MS);
  expect([first.isOurs(), second.isOurs(), await ask()]).toEqual([true, false, "first"]);
  await first.close();
  await expect.poll(() => second.isOurs()).toBe(true);
  expect(await ask()).toBe("second");
});

it("takes it when the first dies without a word", async () => {
  await leaveDeadSocket();
  const server: Server = createServer();
  const alive = join(folder, "alive");
  await new Promise<void>((resolve) => server.listen(alive, resolve));
  renameSync(alive, path);
  const second = await serve("second");
  await sleep(5 * EVERY_MS);
  expect(second.isOurs()).toBe(false);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await expect.poll(() => second.isOurs()).toBe(true);
  expect(await ask()).toBe("second");
});

it("one whose socket was replaced answers what was asked of it, steps back, and does not take the other's away when it stops", async () => {
  const first = await serve("first");
  const slow = ask("/slow");
  await sleep(SLOW_MS / 5); // it has come in
  const other = createHttpServer((_request, answer) => answer.end("other"));
  await new Promise<void>((resolve) => other.listen(join(folder, "o"), resolve));
  renameSync(join(folder, "o"), path);
  expect(first.isOurs()).toBe(false);
  expect(await slow).toBe("first");
  await first.close();
  expect(await ask()).toBe("other");
  await new Promise<void>((resolve) => other.close(() => resolve()));
});

it("a path that cannot be had is an error at the start, and told once later", async () => {
  mkdirSync(path);
  await expect(serve("first")).rejects.toMatchObject({ code: "EISDIR" });
  expect(readdirSync(folder)).toEqual(["office.sock"]);
  rmSync(path, { recursive: true });
  const socket = await serve("second");
  rmSync(path);
  mkdirSync(path);
  await sleep(10 * EVERY_MS);
  expect(failures).toMatchObject([{ code: "EISDIR" }]);
  rmSync(path, { recursive: true });
  await expect.poll(() => socket.isOurs()).toBe(true);
});

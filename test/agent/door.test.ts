// Somebody else who listened on the agent's port before it was started, and left a service worker in the holder's browser: it does not see the pages.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshHost } from "../../host-bridge/agent/door.ts";
import { AgentBench, ask, PHRASE } from "../support/agent-bench.ts";
import { openBrowser } from "../support/browser.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder();
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser({ host: "nowhere.test", port: 9, home: folder });
});
afterAll(async () => browser.close());

/** Answers every page by its own, with what it can read of the agent's in it. */
const WORKER = `self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
const stolen = async () => { try { return await (await fetch("/phrase", { credentials: "omit" })).text(); } catch { return "nothing"; } };
self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  event.respondWith(stolen().then((text) => new Response("<title>Elsewhere</title>" + text, { headers: { "content-type": "text/html" } })));
});`;
const PAGE = `<script>navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready).then(() => { document.title = "ready"; });</script>`;

test("what had the agent's port before it reads nothing of its pages", { timeout: 60_000 }, async () => {
  const squatter = createServer(({ url }, answer) => {
    const isWorker = url === "/worker.js";
    answer.setHeader("content-type", isWorker ? "text/javascript" : "text/html").end(isWorker ? WORKER : PAGE);
  });
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  const { port } = squatter.address() as AddressInfo;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction('document.title === "ready"');
  squatter.closeAllConnections();
  await new Promise((resolve) => squatter.close(resolve));
  const bench = await AgentBench.start({ port, host: freshHost() });
  try {
    await page.goto(`http://127.0.0.1:${port}/`);
    expect(await page.title()).toBe("Elsewhere"); // the trap is there
    expect(await page.content()).not.toContain(PHRASE);
    await page.goto(`${bench.address}/phrase`);
    expect(await page.content()).toContain(PHRASE);
    expect(await page.title()).not.toBe("Elsewhere");
  } finally {
    await bench.close();
    await context.close();
  }
});

test("the door leads to the start page and to requests, by its own name, and shows nothing", async () => {
  const bench = await AgentBench.start({ host: freshHost() });
  try {
    const { port } = new URL(bench.address);
    const door = `http://127.0.0.1:${port}`;
    expect(await ask(door, "GET", "/request?office=a&id=b")).toMatchObject({
      status: 303,
      location: `${bench.address}/request?office=a&id=b`,
      body: "",
    });
    expect((await ask(door, "GET", "/")).location).toBe(`${bench.address}/`);
    for (const [method, path, host] of [
      ["GET", "/phrase", undefined],
      ["GET", "//evil.example", undefined],
      ["POST", "/request", undefined],
      ["GET", "/", `localhost:${port}`],
      ["GET", "/", "evil.example"],
    ] as const) {
      expect(await ask(door, method, path, host === undefined ? {} : { host })).toMatchObject({ status: 404, location: null, body: "" });
    }
    expect((await ask(bench.address, "GET", "/tokens", { host: `127.0.0.1:${port}` })).status).toBe(403);
    expect((await ask(bench.address, "GET", "/tokens")).status).toBe(200);
  } finally {
    await bench.close();
  }
});

// The token's own pages in a real browser: both languages, a phone's width, by keyboard; axe-core finds nothing; pictures in test-output/agent/token.

import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { AgentBench, PHRASE } from "../support/agent-bench.ts";
import { axeFindings, isWalked, keyboardFindings, openBrowser, overflowPixels, tabTo, takePicture, watchPage } from "../support/browser.ts";
import { certifiedToken } from "../support/certified-token.ts";
import { ROOT } from "../support/run.ts";
import { sealedToken } from "../support/sealed-token.ts";
import { PIN, PUK, WRONG_PIN } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Many steps in a real browser, on a machine that others may use, too. */
vi.setConfig({ testTimeout: 120_000 });

const folder = temporaryFolder();
/** A token whose management key is not kept on this computer: its journal asks for the PIN. */
const SERIAL = 51_829_336;
const NEW_PIN = "58203941";
let browser: Browser;
let bench: AgentBench;
let roots: readonly Uint8Array[] = [];

beforeAll(async () => {
  browser = await openBrowser({ host: "nowhere.test", port: 9, home: folder });
});
afterAll(async () => browser?.close());

beforeEach(async () => {
  bench = await AgentBench.start({ attestationRoots: () => roots });
  const { token, trust } = await sealedToken(SERIAL);
  roots = trust.roots;
  await certifiedToken({ token });
  await bench.plugIn(token);
});
afterEach(async () => bench.close());

async function judge(page: Page, language: string, name: string): Promise<void> {
  await takePicture(page, join(ROOT, "test-output", "agent", "token", `${name}.png`));
  expect(await page.locator("html").getAttribute("lang"), name).toBe(language);
  expect(await page.locator("h1").count(), name).toBe(1);
  expect(await overflowPixels(page), `${name} is wider than the window`).toBe(0);
  expect(await axeFindings(page), name).toEqual([]);
}

describe.each(
  (
    [
      ["fr", { width: 1280, height: 900 }, "wide"],
      ["en", { width: 1280, height: 900 }, "wide"],
      ["fr", { width: 360, height: 740 }, "phone"],
      ["en", { width: 360, height: 740 }, "phone"],
    ] as const
  ).filter(([language, , name]) => isWalked(language, name === "phone", "wide")),
)("in %s, %j", (language, viewport, width) => {
  let page: Page;
  let context: BrowserContext;
  let seen: string[];
  const name = (step: string): string => `${step}-${language}-${width}`;

  beforeEach(async () => {
    context = await browser.newContext({ locale: language === "fr" ? "fr-FR" : "en-GB", viewport });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    seen = watchPage(page, bench.address);
    await page.goto(`${bench.address}/tokens`);
    await page.click(`a[href="/tokens/${SERIAL}"]`);
  });
  afterEach(async () => {
    expect(seen).toEqual([]);
    await context.close();
  });

  test("its state, its certificates, its journal", async () => {
    await judge(page, language, name("1-token"));
    expect(await keyboardFindings(page)).toEqual([]);
    await page.click(`a[href="/tokens/${SERIAL}/journal"]`);
    expect(await page.locator("main").innerText()).toContain(PHRASE);
    await judge(page, language, name("2-journal-asked"));
    await page.fill("#pin", PIN);
    await page.click("main button");
    await page.waitForSelector(".notice");
    await judge(page, language, name("3-journal"));
    expect(await keyboardFindings(page)).toEqual([]);
  });

  test("the PIN is changed by keyboard alone; a wrong one, and one that is too easy, say so", async () => {
    await page.goto(`${bench.address}/tokens/${SERIAL}/pin`);
    await judge(page, language, name("4-pin"));
    const type = async (old: string, fresh: string, again: string): Promise<void> => {
      for (const [field, value] of Object.entries({ old, fresh, again })) {
        await tabTo(page, `#${field}`);
        await page.keyboard.type(value);
      }
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    };
    await type(WRONG_PIN, NEW_PIN, NEW_PIN);
    await page.waitForSelector("#old-problem");
    await judge(page, language, name("5-pin-wrong"));
    await type(PIN, "123456", "123456");
    await page.waitForSelector("#fresh-problem");
    await judge(page, language, name("6-pin-easy"));
    await type(PIN, NEW_PIN, NEW_PIN);
    await page.waitForSelector(".notice");
    await judge(page, language, name("7-pin-changed"));
  });

  test("blocked: the page says so, and the PUK gives a new PIN", async () => {
    await page.goto(`${bench.address}/tokens/${SERIAL}/pin`);
    for (let tries = 0; tries < 3; tries++) {
      await page.fill("#old", WRONG_PIN);
      await page.fill("#fresh", NEW_PIN);
      await page.fill("#again", NEW_PIN);
      await Promise.all([page.waitForNavigation(), page.click("main button")]);
    }
    await judge(page, language, name("8-blocked"));
    await page.goto(`${bench.address}/tokens/${SERIAL}`);
    await judge(page, language, name("9-token-blocked"));
    await page.click(`a[href="/tokens/${SERIAL}/unblock"]`);
    await judge(page, language, name("10-unblock"));
    await page.fill("#old", PUK);
    await page.fill("#fresh", NEW_PIN);
    await page.fill("#again", NEW_PIN);
    await page.click("main button");
    await page.waitForSelector(".notice");
    await judge(page, language, name("11-unblocked"));
  });
});

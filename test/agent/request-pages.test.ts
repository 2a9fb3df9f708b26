// The agent's pages in a real browser, from an office's link to the way back: both languages, a phone's width, the keyboard alone; axe-core finds
// nothing. Pictures in test-output/agent/. S15 through the agent.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import { SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { PRESSED_AT_ONCE } from "../../simulator/scripted-button.ts";
import { AgentBench, PHRASE } from "../support/agent-bench.ts";
import { StandInOffice } from "../support/agent-office.ts";
import { isWalked, judgePage, keyboardFindings, openBrowser, tabTo, watchPage } from "../support/browser.ts";
import { PIN, SERIAL, SimulatedToken, WRONG_PIN } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const NEW_PIN = "82640917";
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1100, height: 800 };
const LIMIT_MS = 120_000;

const home = temporaryFolder();
let office: StandInOffice;

let serials = 51_000_100;
async function blankToken(): Promise<SimulatedToken> {
  serials += 1;
  const token = new SimulatedToken(serials);
  const client = token.client();
  await provisionToken(client, await createRoot(`${home}/${serials}`, "test", new Date()), new Date());
  client.close();
  return token;
}

beforeAll(async () => {
  office = await StandInOffice.start();
});
afterAll(() => office.close());

const WALKS = [
  ["fr", PHONE],
  ["en", PHONE],
  ["fr", DESKTOP],
  ["en", DESKTOP],
] as const;

describe.each(WALKS.filter(([language, viewport]) => isWalked(language, viewport === PHONE, "phone")))("%s, %o", (language, viewport) => {
  let bench: AgentBench;
  let browser: Browser;
  let page: Page;
  let broken: string[];
  const size = viewport === PHONE ? "phone" : "desktop";
  let number = 0;

  /** In its picture, to the eye of axe-core, by keyboard. */
  async function judge(name: string): Promise<void> {
    number += 1;
    await judgePage(page, language, `../agent/${language}-${size}-${String(number).padStart(2, "0")}-${name}`);
    expect(await keyboardFindings(page), name).toEqual([]);
  }
  const title = (): Promise<string | null> => page.locator("h1").textContent();
  const texts = <T>(french: T, english: T): T => (language === "fr" ? french : english);
  /** By the keyboard alone: to the element, and Enter. */
  async function press(selector: string): Promise<void> {
    await tabTo(page, selector);
    await page.keyboard.press("Enter");
  }
  /** The link on the office's page. */
  async function hand(id: string): Promise<void> {
    await page.goto(`${office.url}/my/page`);
    await page.evaluate(`location.href = ${JSON.stringify(`${bench.address}${office.path(id)}`)}`);
    await page.waitForURL(`${bench.address}/**`);
  }

  beforeAll(async () => {
    bench = await AgentBench.start({ phrase: null });
    browser = await openBrowser({ host: "nowhere.test", port: 1, home });
    page = await browser.newPage({ viewport, locale: language === "fr" ? "fr-FR" : "en-GB" });
    broken = watchPage(page, bench.address);
  }, LIMIT_MS);
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  test("the phrase first, then the tokens and the offices", { timeout: LIMIT_MS }, async () => {
    await page.goto(`${bench.address}/tokens`);
    expect(page.url()).toBe(`${bench.address}/phrase?next=%2Ftokens`);
    await judge("phrase-first");
    await page.fill("#phrase", PHRASE);
    await press("main button");
    await page.waitForURL(`${bench.address}/tokens*`);
    await judge("tokens-none");
    await page.goto(`${bench.address}/phrase`);
    await judge("phrase");
    await page.goto(`${bench.address}/offices`);
    await judge("offices-none");
    // The page without a token goes on by itself.
    await page.goto(`${bench.address}/tokens`);
    const plug = await bench.plugIn(await SimulatedToken.initialised());
    await page.locator("table").waitFor();
    await judge("tokens");
    await plug.close();
    await bench.gone();
  });

  test("S15: from the office's link to the active certificate, by keyboard", { timeout: LIMIT_MS }, async () => {
    await hand(office.offer({ kind: "activate" }));
    await tabTo(page, "#host");
    await page.keyboard.type("elsewhere.example");
    await page.keyboard.press("Enter");
    await page.locator("#host-problem").waitFor();
    await tabTo(page, "#host");
    await page.keyboard.type("127.0.0.1");
    await press("main form button");
    await page.waitForURL(/\/request\/[A-Za-z0-9_-]{22}/);
    const plug = await bench.plugIn(await blankToken());
    await page.locator("#pin").waitFor();
    await tabTo(page, "#pin");
    await page.keyboard.type("123456");
    await tabTo(page, "#again");
    await page.keyboard.type("123456");
    await page.keyboard.press("Enter");
    await page.locator("#pin-problem").waitFor();
    await judge("new-pin-weak");
    expect(await page.inputValue("#pin")).toBe("");
    await tabTo(page, "#pin");
    await page.keyboard.type(NEW_PIN);
    await tabTo(page, "#again");
    await page.keyboard.type(NEW_PIN);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${office.url}/my/activation`, { timeout: 30_000 });
    expect(office.activation.isActive).toBe(true);
    await plug.close();
    await bench.gone();
  });

  test("sign-in: the request, a wrong PIN, the button, given up, done", { timeout: LIMIT_MS }, async () => {
    const token = await SimulatedToken.initialised();
    await token.makeKey(SLOT_AUTHENTICATION, { pin: 2, button: 2 });
    token.button.script = { kind: "never" };
    await bench.plugIn(token);
    const id = office.offer({ kind: "sign-in" });
    await hand(id);
    await judge("open");
    await press("main form button");
    await page.locator("#pin").waitFor();
    await judge("sign-in");
    await tabTo(page, "#pin");
    await page.keyboard.type(WRONG_PIN);
    await page.keyboard.press("Enter");
    await page.locator("#pin-problem").waitFor();
    await judge("wrong-pin");
    await tabTo(page, "#pin");
    await page.keyboard.type(PIN);
    await page.keyboard.press("Enter");
    await page.locator(".press").waitFor();
    await judge("press-the-button");
    await press("main form button");
    await page.waitForURL(/\/work\//);
    await page.getByText(texts("Opération abandonnée", "Given up"), { exact: true }).waitFor();
    await judge("given-up");
    token.button.script = PRESSED_AT_ONCE;
    await press(`a[href*="token=${SERIAL}"]`);
    await page.locator("#pin").waitFor();
    await tabTo(page, "#pin");
    await page.keyboard.type(PIN);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${office.url}/sign-in/*`);
    expect(page.url()).toBe(office.links.at(-1));
    // The same link again.
    await hand(id);
    expect(await title()).toBe(texts("Cette demande est déjà ouverte", "This request is open already"));
    await judge("taken");
  });

  test("several tokens; an office that is trusted no longer; the other language", { timeout: LIMIT_MS }, async () => {
    await bench.plugIn(await blankToken());
    await hand(office.offer({ kind: "activate" }));
    await press("main form button");
    await page.waitForURL(/\/request\/[A-Za-z0-9_-]{22}/);
    await judge("which-token");
    await press("button[form=decline]");
    await page.getByText(texts("Demande refusée", "Request declined"), { exact: true }).waitFor();
    await judge("declined");
    await page.goto(`${bench.address}/offices`);
    await judge("offices");
    await press(".office button");
    await page.locator(".notice").waitFor();
    await page.goto(`${bench.address}/tokens`);
    await press(".languages a");
    await page.waitForURL(`${bench.address}/tokens`);
    expect(await title()).toBe(texts("Your tokens", "Vos jetons"));
  });

  test("without scripts a page that waits goes on, too", { timeout: LIMIT_MS }, async () => {
    const alone = await AgentBench.start();
    const plain = await browser.newPage({ viewport, javaScriptEnabled: false });
    try {
      // Until something changes the browser is busy with the next page: only its end is seen.
      await plain.goto(`${alone.address}/tokens`, { waitUntil: "commit" });
      await alone.plugIn(await SimulatedToken.initialised());
      await plain.locator("table").waitFor();
      expect(plain.url()).toContain("/tokens?seen=");
    } finally {
      await plain.close();
      await alone.close();
    }
  });

  test("nothing that the pages did was against their policy", () => {
    // The office's own page is where it began and ended.
    expect(broken.filter((text) => !text.startsWith(`asked ${office.url}/`))).toEqual([]);
    expect(broken.length).toBeGreaterThan(0);
  });
});

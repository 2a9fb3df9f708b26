// A real browser for tests of pages: Debian's Chromium through playwright-core, axe-core in it, pictures kept under test-output/.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { ROOT } from "./run.ts";

/** Chromium without the windows around its engine, which nobody sees here: half of the whole browser's time. */
const CHROMIUM = "/usr/bin/chromium-headless-shell";
/** No page has more. */
const MOST_STOPS = 120;
const TAKES_PICTURES = process.env["WALKS"] === "all" || process.env["PICTURES"] === "1";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface BrowserOptions {
  /** A host that exists in this browser only, and the port on this machine that answers for it. */
  readonly host: string;
  readonly port: number;
  /** In place of the user's own folders. */
  readonly home: string;
}

export function openBrowser({ host, port, home }: BrowserOptions): Promise<Browser> {
  const rules = `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE 127.*`;
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : []; // it refuses to be sandboxed as root
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home } as Record<string, string>;
  return chromium.launch({ executablePath: CHROMIUM, args: [rules, "--disable-dev-shm-usage", "--disable-gpu", ...sandbox], env });
}

interface AxeFinding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

export interface AxeScope {
  /** What is judged, with all that is in it; rules about pages as wholes count for «html» only. */
  readonly within?: string;
  /** Absent: all of them. */
  readonly rules?: readonly string[];
}

/** What axe-core finds wrong with the page, each in a line; also what it could not decide about colours is left to the eye. */
export async function axeFindings(page: Page, { within = "html", rules }: AxeScope = {}): Promise<string[]> {
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(AXE);
  const context = within === "html" ? "document" : JSON.stringify({ include: [within] });
  const options = { resultTypes: ["violations"], ...(rules !== undefined && { runOnly: { type: "rule", values: rules } }) };
  const run = `axe.run(${context}, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
  const findings = (await page.evaluate(run)) as AxeFinding[];
  return findings.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

const OVERFLOW = `(() => {
  const boxes = [document.documentElement, ...(innerWidth < 400 ? document.querySelectorAll(".scroll") : [])];
  return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
})()`;

/** How many pixels the page is wider than the window; on a phone, also a table than its place. */
export async function overflowPixels(page: Page): Promise<number> {
  return (await page.evaluate(OVERFLOW)) as number;
}

/** What the page did that it must not: a policy that it broke, an error in it, another host that it asked. */
export function watchPage(page: Page, origin: string): string[] {
  const seen: string[] = [];
  page.on("console", (message) => {
    const text = message.text();
    // A page that says what is wrong comes with a status of 4xx, which the console repeats. What Chromium itself puts around a picture has styles in it,
    // which the picture's own policy forbids.
    const isExpected = text.startsWith("Failed to load resource") || /\/identity\/evidence\//.test(message.location().url);
    if (message.type() === "error" && !isExpected) seen.push(text);
  });
  page.on("pageerror", (error) => seen.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) seen.push(`asked ${request.url()}`);
  });
  return seen;
}

export async function picture(page: Page, name: string): Promise<void> {
  await takePicture(page, join(ROOT, "test-output", "pages", `${name}.png`));
}

/** @param name of the picture, below test-output/pages/ */
export async function judgePage(page: Page, language: string, name: string): Promise<void> {
  expect(await page.locator("html").getAttribute("lang"), name).toBe(language);
  expect(await page.locator("h1").count(), name).toBe(1);
  await picture(page, name);
  expect(await overflowPixels(page), `${name} is wider than the window`).toBe(0);
  expect(await axeFindings(page), name).toEqual([]);
}

/** What has the focus: whether it is `selector`, and where it shows. */
const focused = (selector: string): string =>
  `(() => { const e = document.activeElement; return [e.matches(${JSON.stringify(selector)}), getComputedStyle(e).outlineStyle, e.outerHTML.slice(0, 100)]; })()`;

/** Presses Tab and looks. The focus moves when the key goes down: that it comes up again nobody needs to wait for. */
async function afterTab(page: Page, look: string): Promise<unknown> {
  await page.keyboard.down("Tab");
  const [seen] = await Promise.all([page.evaluate(look), page.keyboard.up("Tab")]);
  return seen;
}

/** Tab until the element has the focus; wherever it is on the way, it must show. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < MOST_STOPS; presses++) {
    const [isThere, outline, told] = (await afterTab(page, focused(selector))) as [boolean, string, string];
    expect(outline, `the focus on ${told} can't be seen`).not.toBe("none");
    if (isThere) return;
  }
  throw new Error(`no way by keyboard to ${selector}`);
}

// Each stop is marked; of a group of radio buttons one is, arrows go to the others.
const MARK = `(() => { const e = document.activeElement; if (e === null || e === document.body) return null;
  const isSeen = e.dataset.stop !== undefined; e.dataset.stop = "1";
  const box = e.getBoundingClientRect();
  return [isSeen, getComputedStyle(e).outlineStyle, box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth, e.outerHTML.slice(0, 120)]; })()`;
const MISSED = `[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter((e) =>
  e.dataset.stop === undefined && !e.disabled && e.type !== "hidden" && e.tabIndex >= 0 && e.checkVisibility() &&
  !(e.type === "radio" && [...document.getElementsByName(e.name)].some((other) => other.dataset.stop !== undefined))
).map((e) => e.outerHTML.slice(0, 120))`;

/**
 * By Tab alone through the page, out of it and around: everything that can be used gets the focus, the focus always shows and is in the window, and nothing
 * keeps it. @returns what is wrong, each in a line
 */
export async function keyboardFindings(page: Page): Promise<string[]> {
  const findings: string[] = [];
  await page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)");
  // A page that says what is wrong begins there: through its end and on from its beginning.
  for (let presses = 0, timesOut = 0; timesOut < 2; presses++) {
    if (presses > MOST_STOPS) return [...findings, "there is no way out"];
    const stop = (await afterTab(page, MARK)) as [boolean, string, boolean, string] | null;
    if (stop?.[0]) break;
    timesOut += stop === null ? 1 : 0;
    if (stop === null) continue;
    const [, outline, isInWindow, told] = stop;
    if (outline === "none") findings.push(`the focus can't be seen on ${told}`);
    if (!isInWindow) findings.push(`out of the window: ${told}`);
  }
  return [...findings, ...((await page.evaluate(MISSED)) as string[]).map((told) => `not by keyboard: ${told}`)];
}

/**
 * Every walk in each language at each width is `npm run walks`. `npm test` takes of each the phone in French or the wide window in English: the one, the
 * other, or, of the walk from application to signature, both.
 */
export function isWalked(language: string, isPhone: boolean, sample: "phone" | "wide" | "both"): boolean {
  if (process.env["WALKS"] === "all") return true;
  return (language === "fr") === isPhone && (sample === "both" || (sample === "phone") === isPhone);
}

/**
 * For the eye: nothing judges them, and they are a third of the time of what looks at pages. So `npm test` takes none, `npm run walks` and PICTURES=1 do.
 * Chromium without a screen now and then can't draw while it composes; that is no finding about the page, so it is asked once more.
 */
export async function takePicture(page: Page, path: string): Promise<void> {
  if (!TAKES_PICTURES) return;
  mkdirSync(dirname(path), { recursive: true });
  try {
    await page.screenshot({ path, fullPage: true });
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("Unable to capture screenshot"))) throw error;
    await page.screenshot({ path, fullPage: true });
  }
}

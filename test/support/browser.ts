// A real browser for tests of pages: Debian's Chromium through playwright-core, axe-core in it, pictures kept under test-output/.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { ROOT } from "./run.ts";

const CHROMIUM = "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface BrowserOptions {
  /** A host that exists in this browser only, and the port on this machine that answers for it. */
  readonly host: string;
  readonly port: number;
  /** In place of the user's own folders. */
  readonly home: string;
}

export function openBrowser({ host, port, home }: BrowserOptions): Promise<Browser> {
  const rules = `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : []; // it refuses to be sandboxed as root
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home } as Record<string, string>;
  return chromium.launch({ executablePath: CHROMIUM, args: [rules, "--disable-dev-shm-usage", "--disable-gpu", ...sandbox], env });
}

interface AxeFinding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds wrong with the page, each in a line; also what it could not decide about colours is left to the eye. */
export async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(AXE);
  const findings = (await page.evaluate("axe.run(document).then(({ violations }) => violations)")) as AxeFinding[];
  return findings.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** How many pixels the page is wider than the window. */
export async function overflowPixels(page: Page): Promise<number> {
  return (await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) as number;
}

/** What the page did that it must not: a policy that it broke, an error in it, another host that it asked. */
export function watchPage(page: Page, origin: string): string[] {
  const seen: string[] = [];
  page.on("console", (message) => {
    const text = message.text();
    // A page that says what is wrong comes with a status of 4xx, which the console repeats.
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) seen.push(text);
  });
  page.on("pageerror", (error) => seen.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) seen.push(`asked ${request.url()}`);
  });
  return seen;
}

export async function picture(page: Page, name: string): Promise<void> {
  const path = join(ROOT, "test-output", "pages", `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, fullPage: true });
}

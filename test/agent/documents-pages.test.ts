// The agent's pages of documents in a real browser: dropped, seen, signed, saved; what was saved is judged by openssl and pdfsig.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PDFDocument, PDFName } from "@cantoo/pdf-lib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AgentBench, PHRASE } from "../support/agent-bench.ts";
import { axeFindings, isWalked, keyboardFindings, openBrowser, overflowPixels, tabTo, takePicture, watchPage } from "../support/browser.ts";
import { type CertifiedToken, certifiedToken } from "../support/certified-token.ts";
import { extractSignatures, nssDatabase, opensslCms, pdfsig } from "../support/pdf-judges.ts";
import { mustRun, ROOT } from "../support/run.ts";
import { certified, pages, rewritten } from "../support/sample-pdfs.ts";
import { PIN, WRONG_PIN } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { pem } from "../support/test-certificates.ts";

/** Many steps in a real browser, on a machine that others may use, too. */
vi.setConfig({ testTimeout: 120_000 });

const folder = temporaryFolder();
let bench: AgentBench;
let browser: Browser;
let holder: CertifiedToken;

beforeAll(async () => {
  bench = await AgentBench.start();
  holder = await certifiedToken();
  await bench.plugIn(holder.token);
  const authorities = join(bench.folder, "agent", "authorities");
  mkdirSync(authorities, { recursive: true });
  writeFileSync(join(authorities, "root.pem"), pem(holder.root.der));
  writeFileSync(join(authorities, "issuer.pem"), pem(holder.issuer.der));
  browser = await openBrowser({ host: "nowhere.test", port: 9, home: folder });
});

afterAll(async () => {
  await browser?.close();
  await bench?.close();
});

interface Visited {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page did that it must not. */
  readonly seen: string[];
}

interface VisitOptions {
  readonly hasScript?: boolean;
  readonly colorScheme?: "light" | "dark";
}

/** Of one step; a page that waits for its token is answered after 20 s. */
const STEP_LIMIT_MS = 15_000;
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };

async function visit(language: "fr" | "en", size = WIDE, { hasScript = true, colorScheme = "light" }: VisitOptions = {}): Promise<Visited> {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  const context = await browser.newContext({ locale, viewport: size, acceptDownloads: true, javaScriptEnabled: hasScript, colorScheme });
  context.setDefaultTimeout(STEP_LIMIT_MS);
  const page = await context.newPage();
  const seen = watchPage(page, bench.address);
  await page.goto(`${bench.address}/`);
  return { page, context, seen };
}

async function judge(page: Page, language: string, name: string): Promise<void> {
  const path = join(ROOT, "test-output", "agent", `${name}.png`);
  await takePicture(page, path);
  expect(await page.locator("html").getAttribute("lang"), name).toBe(language);
  expect(await page.locator("h1").count(), name).toBe(1);
  expect(await overflowPixels(page), `${name} is wider than the window`).toBe(0);
  expect(await axeFindings(page), name).toEqual([]);
}

function file(name: string, bytes: Uint8Array): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: "application/pdf", buffer: Buffer.from(bytes) };
}

async function give(page: Page, files: readonly ReturnType<typeof file>[]): Promise<void> {
  await page.setInputFiles("#files", [...files]);
  await page.click("form.drop button");
  await page.waitForURL(/\/documents\//);
}

/** A page with one black picture in JBIG2 (ITU-T T.88): the page's information alone, which says that its pixels are black. */
async function blackScan(): Promise<Uint8Array> {
  const segment = Buffer.alloc(11 + 19);
  segment.writeUInt8(48, 4); // segment 0 of type 48, which refers to none
  segment.writeUInt8(1, 6); // of page 1
  segment.writeUInt32BE(19, 7);
  segment.writeUInt32BE(64, 11); // width and height
  segment.writeUInt32BE(64, 15);
  segment.writeUInt8(0x04, 27); // default pixel: black
  const document = await PDFDocument.create();
  const page = document.addPage([595, 842]);
  const { context } = document;
  const scan = {
    Type: "XObject",
    Subtype: "Image",
    Width: 64,
    Height: 64,
    ColorSpace: "DeviceGray",
    BitsPerComponent: 1,
    Filter: "JBIG2Decode",
  };
  page.node.set(PDFName.of("Resources"), context.obj({ XObject: { Scan: context.register(context.stream(segment, scan)) } }));
  page.node.set(PDFName.of("Contents"), context.register(context.stream("q 400 0 0 400 97 221 cm /Scan Do Q")));
  return document.save({ useObjectStreams: false });
}

/** Until pdf.js has drawn what is in view. */
async function drawn(page: Page): Promise<void> {
  await page.waitForSelector("[data-viewer][data-ready] .sheet[data-drawn]");
}

/** By openssl and pdfsig alone. */
function expectJudgedValid(path: string, name: string): void {
  const root = join(folder, `${name}-root.pem`);
  writeFileSync(root, pem(holder.root.der));
  const signatures = extractSignatures(path, folder);
  expect(signatures).toHaveLength(1);
  for (const each of signatures) expect(opensslCms(each, root).stderr).toContain("CAdES Verification successful");
  expect(pdfsig(nssDatabase(join(folder, name), root), path)).toContain("Signature is Valid.");
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
)("one document, in %s, %j", (language, size, width) => {
  test("is dropped, seen, signed, saved", async () => {
    const { page, context, seen } = await visit(language, size);
    const name = (step: string): string => `documents/${step}-${language}-${width}`;
    await judge(page, language, name("1-home"));
    await give(page, [file("Contrat d'été.pdf", await pages(3))]);
    await drawn(page);
    expect(await page.locator(".sheet").count()).toBe(3);
    await expect.poll(() => page.locator(".sheet .text").first().innerText()).toContain("Convention, page 1");
    await judge(page, language, name("2-seen"));
    expect(await keyboardFindings(page)).toEqual([]);
    await page.selectOption("#page", "2");
    await page.fill("#reason", language === "fr" ? "Lu et approuvé" : "Read and approved");
    await page.check("input[value=top-right]");
    expect(await page.locator(".sheet:nth-child(2) .seal-preview").count()).toBe(1);
    await page.waitForSelector(".sheet:nth-child(2)[data-drawn]");
    await judge(page, language, name("3-place"));
    await page.click("form.order button");
    expect(await page.locator("body").innerText()).toContain(PHRASE);
    expect(await page.locator("body").innerText()).toContain("Irène Faron");
    await judge(page, language, name("4-pin"));
    expect(await keyboardFindings(page)).toEqual([]);
    await page.fill("#pin", PIN);
    await page.click("form.consent button");
    await page.waitForURL(/\/signed$/);
    await judge(page, language, name("5-signed"));
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(".saving a")]);
    expect(download.suggestedFilename()).toBe(language === "fr" ? "Contrat d'été-signé.pdf" : "Contrat d'été-signed.pdf");
    const path = join(folder, `one-${language}-${width}.pdf`);
    await download.saveAs(path);
    expectJudgedValid(path, `one-${language}-${width}`);
    expect(readFileSync(path).toString("latin1")).toContain("ETSI.CAdES.detached");
    // What was saved, opened again: the agent says of it what the judges say.
    await page.goto(`${bench.address}/`);
    await give(page, [file("saved.pdf", readFileSync(path))]);
    await drawn(page);
    expect(await page.locator(".signature .pill").innerText()).toBe(language === "fr" ? "Valide" : "Valid");
    await page.waitForSelector(".sheet[data-drawn]");
    await judge(page, language, name("6-verified"));
    expect(seen).toEqual([]);
    await context.close();
  });
});

describe.each([
  ["fr", WIDE, "wide"],
  ["en", PHONE, "phone"],
] as const)("several documents, in %s, %j", (language, size, width) => {
  test("are signed with one PIN and one press, saved one by one and together", async () => {
    const { page, context, seen } = await visit(language, size);
    const name = (step: string): string => `documents/${step}-${language}-${width}`;
    await give(page, [file("Bail.pdf", await pages(2)), file("Annexe.pdf", await pages(1)), file("État des lieux.pdf", await pages(4))]);
    await drawn(page);
    await judge(page, language, name("7-several"));
    await page.click("text=Annexe.pdf");
    await drawn(page);
    expect(await page.locator(".sheet").count()).toBe(1);
    await page.click("form.order button");
    await judge(page, language, name("8-several-pin"));
    holder.token.button.script = { kind: "never" };
    const before = holder.token.button.waits;
    await page.fill("#pin", PIN);
    await page.click("form.consent button");
    await page.waitForSelector(".press");
    await judge(page, language, name("9-press"));
    holder.token.button.pressNow();
    await page.waitForURL(/\/signed$/);
    holder.token.button.script = { kind: "automatic", afterMs: 0 };
    expect(holder.token.button.waits - before).toBe(1);
    await judge(page, language, name("10-several-signed"));
    const suffix = language === "fr" ? "-signé" : "-signed";
    for (const [index, each] of ["Bail", "Annexe", "État des lieux"].entries()) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".saving a").nth(index).click()]);
      expect(download.suggestedFilename()).toBe(`${each}${suffix}.pdf`);
      const path = join(folder, `several-${language}-${index}.pdf`);
      await download.saveAs(path);
      expectJudgedValid(path, `several-${language}-${index}`);
    }
    const [archive] = await Promise.all([page.waitForEvent("download"), page.click(".first a")]);
    expect(archive.suggestedFilename()).toBe(language === "fr" ? "documents-signés.zip" : "signed-documents.zip");
    const path = join(folder, `several-${language}.zip`);
    await archive.saveAs(path);
    const listed = mustRun("python3", [
      "-c",
      "import json, sys, zipfile; print(json.dumps(zipfile.ZipFile(sys.argv[1]).namelist()))",
      path,
    ]);
    expect(JSON.parse(listed)).toEqual([`Bail${suffix}.pdf`, `Annexe${suffix}.pdf`, `État des lieux${suffix}.pdf`]);
    expect(seen).toEqual([]);
    await context.close();
  });
});

describe.each(
  (
    [
      ["fr", WIDE, "wide"],
      ["en", WIDE, "wide"],
      ["fr", PHONE, "phone"],
      ["en", PHONE, "phone"],
    ] as const
  ).filter(([language, , name]) => isWalked(language, name === "phone", "phone")),
)("what is refused, in %s, %j", (language, size, width) => {
  test("has a page that says what to do", async () => {
    const { page, context, seen } = await visit(language, size);
    const onePage = await pages(1);
    const encrypted = rewritten(onePage, folder, ["--encrypt", "secret", "owner", "256", "--"]);
    await give(page, [file("Protégé.pdf", encrypted)]);
    await judge(page, language, `documents/refused-encrypted-${language}-${width}`);
    await page.goto(`${bench.address}/`);
    await give(page, [
      file("Certifié.pdf", await certified(1)),
      file("Facture.pdf", new Uint8Array([1, 2])),
      file("Vide.pdf", new Uint8Array(0)),
    ]);
    await drawn(page);
    await judge(page, language, `documents/refused-certified-${language}-${width}`);
    await page.goto(`${bench.address}/`);
    await give(page, [file("a.pdf", onePage)]);
    await page.click("form.order button");
    await page.fill("#pin", WRONG_PIN);
    await page.click("form.consent button");
    await page.waitForSelector("#pin-problem");
    await judge(page, language, `documents/refused-wrong-pin-${language}-${width}`);
    await page.fill("#pin", PIN);
    await page.click("form.consent button");
    await page.waitForURL(/\/signed$/);
    expect(seen).toEqual([]);
    await context.close();
  });
});

test("files dropped anywhere on the page are opened at once", async () => {
  const { page, context } = await visit("fr");
  const bytes = [...(await pages(1))];
  await page.evaluate(`(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(${JSON.stringify(bytes)})], "Déposé.pdf", { type: "application/pdf" }));
    const tell = (type) => document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    tell("dragover");
    globalThis.wasOver = document.querySelector("form.drop").classList.contains("over");
    tell("drop");
  })()`);
  await page.waitForURL(/\/documents\//);
  expect(await page.locator("h1").innerText()).toBe("Déposé.pdf");
  await context.close();
});

test("without script: a document is signed and saved all the same", async () => {
  const { page, context } = await visit("fr", PHONE, { hasScript: false });
  await give(page, [file("Sans script.pdf", await pages(2))]);
  expect(await page.locator("noscript").first().innerText()).toContain("Ouvrir le document dans le lecteur du navigateur");
  await page.click("form.order button");
  await page.fill("#pin", PIN);
  await page.click("form.consent button");
  await page.waitForURL(/\/signed$/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".saving a")]);
  const path = join(folder, "without-script.pdf");
  await download.saveAs(path);
  expectJudgedValid(path, "without-script");
  await context.close();
});

test("by keyboard alone: from the document to what is saved", async () => {
  const { page, context } = await visit("en");
  await page.setInputFiles("#files", [file("Lease.pdf", await pages(2))]); // the system's own window for files is no page of ours
  await tabTo(page, "form.drop button");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/documents\//);
  await drawn(page);
  await tabTo(page, ".sheets");
  const top = (): Promise<unknown> => page.evaluate("document.querySelector('.sheets').scrollTop");
  const before = await top();
  await page.keyboard.press("PageDown");
  await expect.poll(top).not.toBe(before);
  await tabTo(page, "#reason");
  await page.keyboard.type("Approved");
  await tabTo(page, "#page");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "[name=corner]");
  await page.keyboard.press("ArrowUp");
  expect(await page.locator("[name=corner]:checked").getAttribute("value")).toBe("bottom-left");
  await tabTo(page, "form.order button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#pin");
  await tabTo(page, "#pin");
  await page.keyboard.type(PIN);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/signed$/);
  await tabTo(page, ".saving a");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  const path = join(folder, "keyboard.pdf");
  await download.saveAs(path);
  expectJudgedValid(path, "keyboard");
  await context.close();
});

test("zoom and steps through the pages; what is far from view is not kept drawn", async () => {
  const { page, context, seen } = await visit("en");
  await give(page, [file("Long.pdf", await pages(40))]);
  await drawn(page);
  const width = (): Promise<number> =>
    page
      .locator(".sheet")
      .first()
      .evaluate((sheet) => (sheet as { clientWidth?: number }).clientWidth ?? 0);
  const fitted = await width();
  await page.click("button[value=in]");
  expect(await width()).toBeGreaterThan(fitted * 1.2);
  await page.click("button[value=out]");
  await page.click("button[value=out]");
  expect(await width()).toBeLessThan(fitted);
  await page.click("button[value=fit]");
  expect(await width()).toBe(fitted);
  expect(await page.locator("output").innerText()).toBe("Page 1 of 40");
  for (let step = 0; step < 12; step++) await page.click("button[value=next]");
  await expect.poll(() => page.locator("output").innerText()).toBe("Page 13 of 40");
  await page.waitForSelector(".sheet:nth-child(13)[data-drawn]");
  expect(await page.locator(".sheet canvas").count()).toBeLessThan(8);
  expect(seen).toEqual([]);
  await context.close();
});

test("a scan in JBIG2 is shown by a decoder that the policy lets run", async () => {
  const { page, context, seen } = await visit("fr");
  await give(page, [file("scan.pdf", await blackScan())]);
  await drawn(page);
  const middle = `(() => { const canvas = document.querySelector(".sheet canvas");
    return [...canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data]; })()`;
  expect(await page.evaluate(middle)).toEqual([0, 0, 0, 255]);
  expect(seen).toEqual([]);
  await context.close();
});

test("a document that pdf.js can't show says so, and can be opened elsewhere", async () => {
  const { page, context } = await visit("fr");
  await page.route("**/file", (route) => route.fulfill({ status: 200, body: "no PDF" }));
  await give(page, [file("a.pdf", await pages(1))]);
  await page.waitForSelector("[data-viewer][data-failed]");
  expect(await page.locator(".not-shown").innerText()).toContain("n'a pas pu être affiché");
  await page.unroute("**/file");
  await context.close();
});

test("dark: the same pages", async () => {
  const { page, context } = await visit("fr", WIDE, { colorScheme: "dark" });
  await judge(page, "fr", "documents/1-home-fr-dark");
  await give(page, [file("Contrat.pdf", await pages(3))]);
  await drawn(page);
  await judge(page, "fr", "documents/2-seen-fr-dark");
  await page.click("form.order button");
  await judge(page, "fr", "documents/4-pin-fr-dark");
  await context.close();
});

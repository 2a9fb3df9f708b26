// What a walk through the office's pages does not show, in a real browser over rows that are made up, with names that no demonstration has: the menu of each
// role, a sheet on paper, languages, scripts in names, forms of other sites. All pages: whole-pages.test.ts. Pictures: test-output/pages/.

import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signAuditHead } from "../../office/audit/audit-heads.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { certificates } from "../../office/store/schema.ts";
import { judgePage, openBrowser, picture, tabTo } from "../support/browser.ts";
import {
  fillOffice,
  type OfficeRows,
  ROWS_START,
  revokingWithoutCa,
  SCRIPT_NAME,
  signInLink,
  type TestOfficer,
} from "../support/office-rows.ts";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { issue, keyPem, pem } from "../support/test-certificates.ts";
import { testSealing } from "../support/test-sealing.ts";

const ORIGIN = "https://office.test";
const home = temporaryFolder();

let bench: TestStore;
let app: FastifyInstance;
let browser: Browser;
let rows: OfficeRows;

beforeAll(async () => {
  bench = await openTestStore("postgresql");
  rows = await fillOffice(bench.store);
  const auditSigner = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await bench.store.transaction((tx) => signAuditHead(tx, auditSigner.privateKey, ROWS_START));
  const server = await issue({ name: "CN=office.test" });
  app = await createOfficeServer({
    store: bench.store,
    clock: { now: () => ROWS_START },
    publicUrl: ORIGIN,
    revoking: revokingWithoutCa(bench.store, () => ROWS_START),
    auditKey: auditSigner.publicKey,
    sealing: testSealing,
    ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
    tls: { key: keyPem(server), cert: pem(server.der), clientCas: [] },
    logLevel: "silent",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  browser = await openBrowser({ host: "office.test", port: address.port, home });
}, STORE_START_LIMIT_MS + 60_000);

afterAll(async () => {
  await browser.close();
  await app.close();
  await bench.close();
});

function newContext({ width = 1280 }: { readonly width?: number } = {}): Promise<BrowserContext> {
  return browser.newContext({ ignoreHTTPSErrors: true, locale: "fr-FR", viewport: { width, height: 900 } });
}

async function newLink(who: TestOfficer): Promise<string> {
  return `/sign-in/${await signInLink(bench.store, ORIGIN, who, ROWS_START)}`;
}

async function signIn(page: Page, who: TestOfficer): Promise<void> {
  await page.goto(`${ORIGIN}${await newLink(who)}`);
  await page.locator("main button").click();
  await page.waitForURL("**/search");
}

const menuOf = (page: Page): Promise<(string | null)[]> =>
  page.locator("nav.menu > ul > li > a, nav.menu summary").evaluateAll((all) => all.map((each) => each.getAttribute("href") ?? "…"));

test("the menu begins with what each role does daily; what would be more than a line is behind one word", async () => {
  const expected: readonly (readonly [TestOfficer, readonly string[]])[] = [
    [rows.officers.auditor, ["/audit", "/search", "/organisations", "/sessions", "/ca"]],
    [rows.officers.helpdesk, ["/unlock", "/dossiers", "/search", "/organisations", "/sessions", "/ca"]],
    [rows.officers.issuer, ["/desk", "/dossiers", "/search", "/organisations", "/token-secrets", "/sessions", "/ca"]],
    [rows.officers.all, ["/desk", "/dossiers", "/search", "/organisations", "/token-secrets", "…"]],
  ];
  for (const [who, paths] of expected) {
    const context = await newContext();
    const page = await context.newPage();
    await signIn(page, who);
    expect(await menuOf(page)).toEqual(paths);
    const [first, last] = [page.locator("nav.menu > ul > li").first(), page.locator("nav.menu > ul > li").last()];
    expect((await last.boundingBox())?.y, "one line").toBe((await first.boundingBox())?.y);
    await context.close();
  }
});

test.each([1280, 800, 360])(
  "what is behind one word opens by keyboard, without a script, at %i pixels; axe-core finds nothing",
  async (width) => {
    const context = await newContext({ width });
    const page = await context.newPage();
    await signIn(page, rows.officers.all);
    await page.goto(`${ORIGIN}/audit`);
    expect(await page.locator("nav.menu summary").getAttribute("class"), "the page is one of those").toBe("here");
    await tabTo(page, "nav.menu summary");
    expect(await page.locator(".more a").first().isVisible()).toBe(false);
    await page.keyboard.press("Enter");
    expect(await page.locator(".more a").evaluateAll((all) => all.map((each) => each.getAttribute("href")))).toEqual([
      "/officers",
      "/audit",
      "/settings",
      "/sessions",
      "/ca",
    ]);
    await judgePage(page, "fr", `menu-open-${width}`);
    await tabTo(page, '.more a[href="/settings"]');
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    expect(page.url()).toBe(`${ORIGIN}/settings`);
    await context.close();
  },
);

test("a sheet on paper has the facts, without menus and buttons", async () => {
  const context = await newContext({ width: 794 });
  const page = await context.newPage();
  await signIn(page, rows.officers.all);
  await page.goto(`${ORIGIN}/certificates/${rows.certificates.revoked}`);
  await page.emulateMedia({ media: "print" });
  await picture(page, "certificate-print");
  expect(await page.locator("nav.menu").isVisible()).toBe(false);
  expect(await page.locator(".actions").isVisible()).toBe(false);
  expect(await page.locator("dl.facts").isVisible()).toBe(true);
  await context.close();
});

test("the language link changes the page and every later one, and the address stays", async () => {
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/ca`);
  await page.locator(".languages a").click();
  expect(page.url()).toBe(`${ORIGIN}/ca`);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await page.goto(`${ORIGIN}/sign-in`);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await context.close();
});

test("a name that is a script stays text", async () => {
  const context = await newContext();
  const page = await context.newPage();
  page.on("dialog", () => {
    throw new Error("a script ran");
  });
  await signIn(page, rows.officers.all);
  await page.goto(`${ORIGIN}/people/${rows.people[8]}`);
  expect(await page.locator("h1").textContent()).toContain(SCRIPT_NAME);
  expect(await page.locator("main script").count()).toBe(0);
  await context.close();
});

test("a form on another site changes nothing, though the officer is signed in", async () => {
  const context = await newContext();
  const page = await context.newPage();
  await signIn(page, rows.officers.all);
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: "__Host-session", httpOnly: true, secure: true, sameSite: "Strict" });
  // Elsewhere: a page of no origin.
  const foreign = await context.newPage();
  await foreign.setContent(
    `<form method="post" action="${ORIGIN}/certificates/${rows.certificates.issued}/revoke"><button>win</button></form>`,
  );
  await Promise.all([foreign.waitForNavigation(), foreign.locator("button").click()]);
  expect(await foreign.locator("h1").textContent()).toBe("Demande refusée");
  const [row] = await bench.store.db.select().from(certificates).where(eq(certificates.id, rows.certificates.issued));
  expect(row?.state).toBe("issued");
  await context.close();
});

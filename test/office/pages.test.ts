// The office's pages in a real browser over rows that are made up, with names that no demonstration has: every one of them in both languages, at a
// desk's and a phone's width, light and dark, judged by axe-core; and by keyboard alone from the sign-in link to a revocation. Over the real office:
// whole-pages.test.ts. Pictures: test-output/pages/.

import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signAuditHead } from "../../office/audit/audit-heads.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { certificates } from "../../office/store/schema.ts";
import { isWalked, judgePage, openBrowser, picture, tabTo, watchPage } from "../support/browser.ts";
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
const LIMIT_MS = 300_000;
const LANGUAGES = ["fr", "en"] as const;
const WIDTHS = [1280, 360] as const;
const home = temporaryFolder();

let bench: TestStore;
let app: FastifyInstance;
let browser: Browser;
let rows: OfficeRows;
let invitations = 5000;

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

interface Look {
  readonly language?: (typeof LANGUAGES)[number];
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

function newContext({ language = "fr", width = 1280, scheme = "light" }: Look = {}): Promise<BrowserContext> {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  return browser.newContext({ ignoreHTTPSErrors: true, locale, colorScheme: scheme, viewport: { width, height: 900 } });
}

async function newLink(who: TestOfficer): Promise<string> {
  return `/sign-in/${await signInLink(bench.store, ORIGIN, who, ROWS_START)}`;
}

async function signIn(page: Page, who: TestOfficer): Promise<void> {
  await page.goto(`${ORIGIN}${await newLink(who)}`);
  await page.locator("main button").click();
  await page.waitForURL("**/search");
}

type Step = (page: Page) => Promise<unknown>;
const go =
  (path: string): Step =>
  (page) =>
    page.goto(`${ORIGIN}${path}`);
const submit: Step = (page) => page.locator("main form button:not(.quiet)").last().click();

/** Each page and how one comes to it, signed in as somebody with every role. */
function officerPages(): Record<string, Step[]> {
  const { certificates: own, people, tokens, officers } = rows;
  return {
    search: [go("/search")],
    "search-results": [go("/search?q=&kind=all")],
    "search-certificates": [go("/search?q=martin&kind=certificates")],
    "search-none": [go("/search?q=nobody-has-this")],
    person: [go(`/people/${people[0]}`)],
    "person-script": [go(`/people/${people[8]}`)],
    "person-long": [go(`/people/${people[9]}`)],
    token: [go(`/tokens/${tokens[0]}`)],
    "token-blank": [go(`/tokens/${tokens[7]}`)],
    certificate: [go(`/certificates/${own.active}`)],
    "certificate-revoked": [go(`/certificates/${own.revoked}`)],
    revoke: [go(`/certificates/${own.active}/revoke`)],
    "revoke-problems": [go(`/certificates/${own.active}/revoke`), (page) => page.locator("#confirmation").fill("12345678"), submit],
    audit: [go("/audit")],
    "audit-problem": [go("/audit?q=officer&from=yesterday")],
    "audit-verified": [go("/audit"), (page) => page.locator("form[action='/audit/verify'] button").click()],
    officers: [go("/officers")],
    invite: [go("/officers/invite")],
    "invite-known": [go(`/officers/invite?person=${people[0]}`)],
    "invite-problems": [go("/officers/invite"), (page) => page.locator("#givenName").fill("Ève"), submit],
    invited: [
      go("/officers/invite"),
      (page) => page.locator("#givenName").fill("Ève"),
      (page) => page.locator("#surname").fill("Noël"),
      (page) => page.locator("#email").fill("eve.noel@exemple.fr"),
      (page) => page.locator("#number").fill(String(++invitations)),
      (page) => page.locator("input[value=helpdesk]").check(),
      submit,
    ],
    withdraw: [go(`/officers/${officers.second.id}/withdraw`)],
    sessions: [go("/sessions")],
    "not-found": [go("/people/nobody")],
  };
}

const PUBLIC_PAGES: Record<string, Step[]> = {
  "sign-in": [go("/sign-in")],
  "sign-in-needed": [go("/audit")],
  "sign-in-link": [async (page) => page.goto(`${ORIGIN}${await newLink(rows.officers.second)}`)],
  "sign-in-link-used": [
    async (page) => {
      const link = await newLink(rows.officers.second);
      await page.goto(`${ORIGIN}${link}`);
      await submit(page);
      await page.context().clearCookies();
      await page.goto(`${ORIGIN}${link}`);
      await submit(page);
    },
  ],
  authority: [go("/ca")],
};

describe.each(LANGUAGES)("%s", (language) => {
  test.each(WIDTHS.filter((width) => isWalked(language, width === 360)))(
    "every page at %i pixels: axe-core finds nothing, nothing sticks out, no policy is broken",
    async (width) => {
      for (const [isSignedIn, pages] of [
        [false, PUBLIC_PAGES],
        [true, officerPages()],
      ] as const) {
        const context = await newContext({ language, width });
        const page = await context.newPage();
        const seen = watchPage(page, ORIGIN);
        if (isSignedIn) await signIn(page, rows.officers.all);
        for (const [name, steps] of Object.entries(pages)) {
          for (const step of steps) await step(page);
          await judgePage(page, language, `${name}-${language}-${width}`);
        }
        expect(seen).toEqual([]);
        await context.close();
      }
    },
    LIMIT_MS,
  );
});

test(
  "in the dark, every page has contrast enough",
  async () => {
    const context = await newContext({ scheme: "dark" });
    const page = await context.newPage();
    await signIn(page, rows.officers.all);
    for (const [name, steps] of Object.entries({ ...officerPages(), authority: [go("/ca")] })) {
      for (const step of steps) await step(page);
      await judgePage(page, "fr", `${name}-fr-dark`);
    }
    await context.close();
  },
  LIMIT_MS,
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
  const context = await newContext({ language: "fr" });
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/ca`);
  await page.locator(".languages a").click();
  expect(page.url()).toBe(`${ORIGIN}/ca`);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await page.goto(`${ORIGIN}/sign-in`);
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await context.close();
});

test("by keyboard alone: sign-in link, search, certificate, revocation", async () => {
  const context = await newContext();
  const page = await context.newPage();
  const id = rows.active[0] ?? "";
  const [row] = await bench.store.db.select().from(certificates).where(eq(certificates.id, id));
  const serial = row?.serialNumber ?? "";
  const press = async (key: string): Promise<void> => {
    await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
  };
  await page.goto(`${ORIGIN}${await newLink(rows.officers.issuer)}`);
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.className"), "the first stop skips the menu").toBe("skip");
  await tabTo(page, "main button");
  await press("Enter");
  await tabTo(page, "#q");
  await page.keyboard.type(serial.slice(0, 8));
  await press("Enter");
  await tabTo(page, `a[href="/certificates/${id}"]`);
  await press("Enter");
  await tabTo(page, `a[href="/certificates/${id}/revoke"]`);
  await press("Enter");
  await tabTo(page, "input[name=reason]");
  await page.keyboard.press("ArrowDown"); // the second reason
  await tabTo(page, "#confirmation");
  await page.keyboard.type("not it");
  await press("Enter");
  expect(await page.locator("#confirmation").inputValue(), "what was typed is kept").toBe("not it");
  expect(await page.locator("input[name=reason]:checked").getAttribute("value")).toBe("key-compromise");
  await tabTo(page, "#confirmation");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(`${serial.slice(-8, -4)} ${serial.slice(-4).toUpperCase()}`);
  await press("Enter");
  expect(page.url()).toBe(`${ORIGIN}/certificates/${id}?done=revoked`);
  expect(await page.locator("main .pill").first().textContent()).toBe("Révoqué");
  await picture(page, "revoked-by-keyboard");
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

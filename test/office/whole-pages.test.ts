// The pages of a real office in a real browser: store, authority, issuance and server as `sceau office --demo` has them, with what the demonstration has in
// it. Each page is looked at once, at a phone's width and then at a desk's, in French or in English in turn (both: `npm run walks`): axe-core finds nothing,
// in the light and in the dark, nothing sticks out, everything can be reached by Tab (the dark and Tab in turn, too; both: `npm run walks`). And by keyboard alone, from the sign-in link through the menu to an
// invitation and a revocation that openssl sees. Pictures: test-output/pages/whole/.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROLES } from "../../office/registration/roles.ts";
import { CERTIFICATE } from "../../office/states/certificate-states.ts";
import { DOSSIER } from "../../office/states/dossier-states.ts";
import { ORGANISATION } from "../../office/states/organisation-states.ts";
import { dossiers, identityChecks, secretReleases } from "../../office/store/application-schema.ts";
import { certificates, officerRoles, organisations } from "../../office/store/schema.ts";
import { openBrowser, picture, tabTo, watchPage } from "../support/browser.ts";
import type { OfficerClient } from "../support/officer-client.ts";
import { LANGUAGES, type Language, PageLooks } from "../support/page-looks.ts";
import { opensslOcsp } from "../support/status-judges.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { pem } from "../support/test-certificates.ts";
import type { Holder } from "../support/token-holder.ts";
import { WHOLE_OFFICE_START_LIMIT_MS, WholeOffice } from "../support/whole-office.ts";
import { WholePages } from "../support/whole-pages.ts";
import { type Walk, wholeWalks } from "../support/whole-pages-walks.ts";

const LIMIT_MS = 600_000;
const PHONE = { width: 360, height: 800 };
const ERROR_LEVEL = 50;
/** `npm run walks`: in both languages. */
const isAll = process.env["WALKS"] === "all";
const folder = temporaryFolder();

let office: WholeOffice;
let everybody: OfficerClient;
let helpdesk: OfficerClient;
let holder: Holder;
let browser: Browser;
let pages: WholePages;
/** Of every page that was looked at. */
const visited = new Set<string>();

beforeAll(async () => {
  office = await WholeOffice.open("postgresql", folder);
  everybody = await office.officer(ROLES);
  helpdesk = await office.officer(["helpdesk"], { givenName: "Élise", surname: "Noël" });
  holder = await office.holder("SIGN-QCP", { givenName: "Marie-Antoinette", surname: "de la Rochefoucauld-Liancourt" });
  pages = new WholePages(office, { holder, helpdesk });
  const { hostname, port } = new URL(office.url);
  browser = await openBrowser({ host: hostname, port: Number(port), home: folder });
}, WHOLE_OFFICE_START_LIMIT_MS);

afterAll(async () => {
  await browser.close();
  await office.close();
});

const newContext = (language: string): Promise<BrowserContext> =>
  browser.newContext({ locale: language === "fr" ? "fr-FR" : "en-GB", viewport: PHONE });

async function signIn(page: Page, who: OfficerClient): Promise<void> {
  await page.goto(await who.signInLink());
  await page.locator("main button").click();
  await page.waitForURL("**/search");
}

test("the demonstration has dossiers, certificates and organisations in every state, an officer of each role, and work for each of them", async () => {
  const { db } = office.store;
  const states = async (table: typeof dossiers | typeof certificates | typeof organisations): Promise<Set<string>> =>
    new Set((await db.select({ state: table.state }).from(table)).map(({ state }) => state));
  expect(await states(dossiers)).toEqual(new Set(Object.keys(DOSSIER.table)));
  expect(await states(certificates)).toEqual(new Set(Object.keys(CERTIFICATE.table)));
  expect(await states(organisations)).toEqual(new Set(Object.keys(ORGANISATION.table)));
  expect(new Set((await db.select().from(officerRoles)).map(({ role }) => role))).toEqual(new Set(ROLES));
  const checks = new Set((await db.select().from(identityChecks)).map(({ state }) => state));
  for (const state of ["booked", "in_review", "inconclusive", "accepted", "refused"] as const) expect(checks).toContain(state);
  expect(await db.select().from(secretReleases).where(eq(secretReleases.state, "asked"))).toHaveLength(1);
});

/** Every second page, beginning with another one in the other language; or all of them. */
const isTurn = (index: number, language: Language): boolean => isAll || LANGUAGES[index % LANGUAGES.length] === language;

async function walk({ name, who, steps }: Walk, language: Language): Promise<void> {
  const context = await newContext(language);
  const page = await context.newPage();
  const seen = watchPage(page, office.url);
  page.on("framenavigated", (frame) => visited.add(new URL(frame.url()).pathname));
  if (who !== null) await signIn(page, who === "helpdesk" ? helpdesk : everybody);
  const looks = new PageLooks(page, language, `whole/${language}-`);
  const ways = Object.entries(await steps()).filter((_way, index) => isTurn(index, language));
  for (const [title, way] of ways) {
    for (const step of way) await step(page);
    await looks.look(title);
  }
  expect(seen, name).toEqual([]);
  await context.close();
}

test.each(LANGUAGES)(
  "every page, %s: axe-core finds nothing in the light and in the dark, nothing sticks out at 360 and 1280 pixels, everything can be reached by Tab",
  async (language) => {
    for (const each of wholeWalks(pages, language)) await walk(each, language);
  },
  LIMIT_MS,
);

test.each(isAll ? LANGUAGES : (["fr"] as const))(
  "by keyboard alone at a phone's width, %s: sign-in, every entry of the menu, an invitation, a revocation that openssl sees, sign-out",
  async (language) => {
    const context = await newContext(language);
    const page = await context.newPage();
    const victim = await office.holder("SIGN-LCP", { givenName: "Keyboard", surname: language.toUpperCase() });
    const { id, serialNumber } = victim.issued;
    const press = async (key: string): Promise<void> => {
      await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
    };
    const follow = async (selector: string): Promise<void> => {
      await tabTo(page, selector);
      await press("Enter");
    };
    /** What is behind one word is opened first. */
    const followMenu = async (path: string): Promise<void> => {
      if ((await page.locator(`nav.menu details a[href="${path}"]`).count()) > 0) {
        await tabTo(page, "nav.menu summary");
        await page.keyboard.press("Enter");
      }
      await follow(`nav.menu a[href="${path}"]`);
    };
    await page.goto(await everybody.signInLink());
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className"), "the first stop skips the menu").toBe("skip");
    await follow("main button");
    expect(new URL(page.url()).pathname).toBe("/search");
    const entries = await page.locator("nav.menu a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    expect(entries.length).toBeGreaterThan(10);
    for (const path of entries as string[]) {
      await followMenu(path);
      expect(new URL(page.url()).pathname).toBe(path);
      expect(await page.locator("html").getAttribute("lang")).toBe(language);
    }
    await followMenu("/officers");
    await follow('a[href="/officers/invite"]');
    for (const [name, text] of [
      ["givenName", "Zoë"],
      ["surname", "Brontë"],
      ["email", `zoe.${language}@exemple.fr`],
      ["number", `Z${language}`],
    ]) {
      await tabTo(page, `#${name}`);
      await page.keyboard.type(text ?? "");
    }
    await tabTo(page, "input[value=auditor]");
    await page.keyboard.press("Space");
    await tabTo(page, "input[name=handover]");
    await page.keyboard.press("ArrowDown"); // shown here
    await follow("main form button:not(.quiet)");
    expect(await page.locator("main").textContent()).toMatch(/[\w-]{43}/); // the code
    await followMenu("/search");
    await tabTo(page, "#q");
    await page.keyboard.type(serialNumber.slice(0, 12));
    await press("Enter");
    await follow(`a[href="/certificates/${id}"]`);
    await follow(`a[href="/certificates/${id}/revoke"]`);
    await tabTo(page, "input[name=reason]");
    await page.keyboard.press("ArrowDown"); // the second reason
    await tabTo(page, "#confirmation");
    await page.keyboard.type("not it");
    await press("Enter");
    expect(await page.locator("#confirmation").inputValue(), "what was typed is kept").toBe("not it");
    expect(await page.locator("input[name=reason]:checked").getAttribute("value")).toBe("key-compromise");
    await tabTo(page, "#confirmation");
    await page.keyboard.press("Control+A");
    await page.keyboard.type(`${serialNumber.slice(-8, -4)} ${serialNumber.slice(-4).toUpperCase()}`);
    await press("Enter");
    expect(page.url()).toBe(`${office.url}/certificates/${id}?done=revoked`);
    await picture(page, `whole/revoked-by-keyboard-${language}`);
    const [certificate, issuer, chain] = ["keyboard.pem", "issuer.pem", "chain.pem"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(certificate, pem(victim.issued.certificate));
    writeFileSync(issuer, pem(victim.issued.issuer));
    writeFileSync(chain, pem(office.desk.authority.root) + pem(victim.issued.issuer));
    const url = `${office.url}/ocsp/issuing`;
    expect(await opensslOcsp(["-issuer", issuer, "-cert", certificate, "-CAfile", chain, "-url", url])).toMatch(
      /: revoked[\s\S]*keyCompromise/,
    );
    await follow("form[action='/sign-out'] button");
    await page.goto(`${office.url}/search`);
    expect(await page.locator("form[action='/sign-out']").count(), "signed out").toBe(0);
    await context.close();
  },
  LIMIT_MS,
);

/** Addresses that show no page of their own, or one that is walked elsewhere; and why. */
const NOT_WALKED: Readonly<Record<string, string>> = {
  "/": "leads to the search, the account, or the start page, which is",
  "/audit/verify": "leads back to the trail",
  "/my/dossiers": "leads to the account",
  "/my/dossiers/:id/form": "leads to the first part that is not filled in",
  "/ca/:file": "a file",
  "/certificates/:id/certificate.cer": "a file",
  "/identity/evidence/:id": "a file; test/office/identity-browser.test.ts",
  "/activate/after/:id": "where the agent leads back: test/office/activation-browser.test.ts",
  "/token-secrets/:id/show": "after another officer has agreed: test/office/activation-pages.test.ts",
};
/** Legal representatives have a session and a walk of their own. */
const isRepresentatives = (path: string): boolean => /^\/representative(?:\/|$)|\/legal-representative(?:\/|$)/.test(path);

test("every page that the README names was looked at, and nothing went wrong behind them", () => {
  const readme = readFileSync(new URL("../../office/pages/README.md", import.meta.url), "utf8");
  const eachOf = (path: string): string[] => {
    const [head = "", choices] = path.split(/[{}]/);
    return choices === undefined ? [path] : choices.split(",").map((choice) => head + choice);
  };
  const paths = [...readme.matchAll(/^\| GET(?: POST)? +\| (\S+) +\|/gm)].flatMap(([, path]) => eachOf(path ?? ""));
  expect(paths.length).toBeGreaterThan(60);
  const seen = [...visited];
  const isSeen = (path: string): boolean => {
    const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`);
    return seen.some((each) => pattern.test(each));
  };
  expect(paths.filter((path) => NOT_WALKED[path] === undefined && !isRepresentatives(path) && !isSeen(path))).toEqual([]);
  const lines = office.log.map((line) => JSON.parse(line) as { level: number; status?: number });
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter(({ level, status = 200 }) => level >= ERROR_LEVEL || status >= 500)).toEqual([]);
});

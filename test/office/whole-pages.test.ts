// The pages of a real office in a real browser: store, authority, issuance and server as `sceau office --demo` has them, certificates in every state.
// Every page in both languages, at a desk's and a phone's width: axe-core finds nothing, and everything can be reached by Tab. And by keyboard alone, at a
// phone's width, from the sign-in link through the menu to an invitation and a revocation that openssl sees. Pictures: test-output/pages/whole/.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { desc, eq } from "drizzle-orm";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changeOrganisation, requestOrganisation } from "../../office/registration/organisations.ts";
import { ROLES } from "../../office/registration/roles.ts";
import { changeToken } from "../../office/registration/tokens.ts";
import { CERTIFICATE, type CertificateState } from "../../office/states/certificate-states.ts";
import type { OfficerState } from "../../office/states/officer-states.ts";
import type { OrganisationEvent } from "../../office/states/organisation-states.ts";
import type { TokenEvent } from "../../office/states/token-states.ts";
import { certificates, officerRoles, officers, offices, organisations, people, tokens } from "../../office/store/schema.ts";
import { isWalked, judgePage, keyboardFindings, openBrowser, picture, tabTo, watchPage } from "../support/browser.ts";
import type { OfficerClient } from "../support/officer-client.ts";
import { opensslOcsp } from "../support/status-judges.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { pem } from "../support/test-certificates.ts";
import type { Holder } from "../support/token-holder.ts";
import { WHOLE_OFFICE_START_LIMIT_MS, WholeOffice } from "../support/whole-office.ts";

const LIMIT_MS = 600_000;
const LANGUAGES = ["fr", "en"] as const;
const PHONE_WIDTH = 360;
const WIDTHS = [1280, PHONE_WIDTH] as const;
const ERROR_LEVEL = 50;
const folder = temporaryFolder();

let office: WholeOffice;
let everybody: OfficerClient;
let helpdesk: OfficerClient;
let holder: Holder;
let browser: Browser;
/** Of every page that was looked at. */
const visited = new Set<string>();

beforeAll(async () => {
  office = await WholeOffice.open("postgresql", folder);
  everybody = await office.officer(ROLES);
  helpdesk = await office.officer(["helpdesk"], { givenName: "Élise", surname: "Noël" });
  holder = await office.holder("SIGN-QCP", { givenName: "Marie-Antoinette", surname: "de la Rochefoucauld-Liancourt" });
  const { hostname, port } = new URL(office.url);
  browser = await openBrowser({ host: hostname, port: Number(port), home: folder });
}, WHOLE_OFFICE_START_LIMIT_MS);

afterAll(async () => {
  await browser.close();
  await office.close();
});

interface Look {
  readonly language: (typeof LANGUAGES)[number];
  readonly width: number;
}

function newContext({ language, width }: Look): Promise<BrowserContext> {
  return browser.newContext({ locale: language === "fr" ? "fr-FR" : "en-GB", viewport: { width, height: 800 } });
}

type Step = (page: Page) => Promise<unknown>;
const go =
  (path: string): Step =>
  (page) =>
    page.goto(`${office.url}${path}`);
const fill =
  (selector: string, text: string): Step =>
  (page) =>
    page.locator(selector).fill(text);
const submit: Step = (page) => page.locator("main form button:not(.quiet)").last().click();

async function signIn(page: Page, who: OfficerClient): Promise<void> {
  await page.goto(await who.signInLink());
  await page.locator("main button").click();
  await page.waitForURL("**/search");
}

/** To an address that is looked up when it is needed. */
const goWhere =
  (path: () => Promise<string>): Step =>
  async (page) =>
    page.goto(`${office.url}${await path()}`);

const first = <T>(values: readonly T[]): T => {
  const [value] = values;
  if (value === undefined) throw new Error("the demonstration has none");
  return value;
};

/** One certificate of each state, each token's state that there is, and somebody's sheet. */
async function recordPages(): Promise<Record<string, Step[]>> {
  const { db } = office.store;
  const found: Record<string, Step[]> = {};
  for (const state of Object.keys(CERTIFICATE.table) as CertificateState[]) {
    const { id } = first(await db.select().from(certificates).where(eq(certificates.state, state)));
    found[`certificate-${state}`] = [go(`/certificates/${id}`)];
  }
  for (const { serial, state } of await db.select().from(tokens)) found[`token-${state}`] ??= [go(`/tokens/${serial}`)];
  const { id: organisationId } = first(await db.select().from(organisations));
  const someone = first(await db.select().from(people).where(eq(people.organisationId, organisationId)));
  return { ...found, person: [go(`/people/${someone.id}`)], "person-long": [go(`/people/${holder.personId}`)] };
}

const officerIn = (state: OfficerState): Promise<string> =>
  office.store.db
    .select()
    .from(officers)
    .where(eq(officers.state, state))
    .orderBy(desc(officers.createdAt))
    .then((rows) => first(rows).id);

const ACTING = { actor: "system", now: new Date() };

/** @param then what happens to it */
async function organisation(name: string, ...then: OrganisationEvent[]): Promise<string> {
  const { id: officeId } = first(await office.store.db.select().from(offices));
  return office.store.transaction(async (tx) => {
    const id = await requestOrganisation(tx, { officeId, name, country: "FR" }, ACTING);
    for (const event of then) await changeOrganisation(tx, id, event, ACTING);
    return id;
  });
}

/** A token of somebody with a certificate. @param then what happens to it */
async function token(...then: TokenEvent[]): Promise<string> {
  const { serial } = await office.holder("SIGN-LCP", { givenName: "Paul", surname: "d'Orée" });
  for (const event of then) await office.store.transaction((tx) => changeToken(tx, serial, event, ACTING));
  return serial;
}

const end = (serial: string): string => serial.slice(-8);

/** What officers decide about organisations and tokens, up to the sheet that says that it was done. */
async function decisionPages(mark: string): Promise<Record<string, Step[]>> {
  const [requested, refused, open] = [
    await organisation(`Demandée ${mark}`),
    await organisation(`Refusée ${mark}`),
    await organisation(`Ordre des ingénieurs-conseils et experts agréés près les tribunaux ${mark}`, "open"),
  ];
  const [active, suspended, blocked, lost, retired] = [
    await token(),
    await token("suspend"),
    await token("block"),
    await token(),
    await token(),
  ];
  const closing = fill("#confirmation", `Ordre des ingénieurs-conseils et experts agréés près les tribunaux ${mark}`);
  return {
    organisations: [go("/organisations")],
    organisation: [go(`/organisations/${open}`)],
    "organisation-tokens": [go(`/organisations/${open}?list=tokens`)],
    "organisation-certificates": [go(`/organisations/${open}?list=certificates`)],
    "organisation-open": [go(`/organisations/${requested}/open`)],
    "organisation-opened": [go(`/organisations/${requested}/open`), submit],
    "organisation-refuse": [go(`/organisations/${refused}/refuse`)],
    "organisation-close": [go(`/organisations/${open}/close`)],
    "organisation-close-problems": [go(`/organisations/${open}/close`), fill("#confirmation", "autre"), submit],
    "organisation-closed": [go(`/organisations/${open}/close`), closing, submit],
    "organisation-reopen": [go(`/organisations/${open}/reopen`)],
    "organisation-reopened": [go(`/organisations/${open}/reopen`), submit],
    "token-of-somebody": [go(`/tokens/${active}`)],
    "token-suspend": [go(`/tokens/${active}/suspend`)],
    "token-suspended-by-page": [go(`/tokens/${active}/suspend`), submit],
    "token-resume": [go(`/tokens/${suspended}/resume`)],
    "token-unblock": [go(`/tokens/${blocked}/unblock`)],
    "token-damage": [go(`/tokens/${blocked}/damage`)],
    "token-lose": [go(`/tokens/${lost}/lose`)],
    "token-lose-problems": [go(`/tokens/${lost}/lose`), fill("#confirmation", "12345678"), submit],
    "token-lost-by-page": [go(`/tokens/${lost}/lose`), fill("#confirmation", end(lost)), submit],
    "token-lost-before": [go(`/tokens/${lost}/lose`)],
    "token-retire": [go(`/tokens/${retired}/retire`)],
    "token-retire-problems": [go(`/tokens/${retired}/retire`), submit],
    "token-receipt": [go(`/tokens/${retired}/receipt`)],
    "token-receipt-problems": [go(`/tokens/${retired}/receipt`), submit],
    "search-organisations": [go("/search?q=ordre&kind=organisations")],
    "search-tokens": [go("/search?q=paul&kind=tokens")],
    "officer-code-invited": [goWhere(async () => `/officers/${await officerIn("invited")}/code`)],
    "officer-code-active": [goWhere(async () => `/officers/${await officerIn("active")}/code`)],
    "officer-code-problems": [goWhere(async () => `/officers/${await officerIn("active")}/code`), submit],
    "officer-code-shown": [goWhere(async () => `/officers/${await officerIn("invited")}/code`), submit],
    "officer-withdrawn": [goWhere(async () => `/officers/${await officerIn("invited")}/withdraw`), submit],
    "officer-code-withdrawn": [goWhere(async () => `/officers/${await officerIn("withdrawn")}/code`)],
  };
}

/** Each page and how one comes to it, signed in as somebody with every role. @param mark so that nobody is invited twice */
async function officerPages(mark: string): Promise<Record<string, Step[]>> {
  const { db } = office.store;
  const revoke = `/certificates/${holder.issued.id}/revoke`;
  const { id: officerId } = first(await db.select().from(officers).where(eq(officers.state, "active")));
  return {
    search: [go("/search")],
    "search-all": [go("/search?q=&kind=all")],
    "search-certificates": [go("/search?q=&kind=certificates")],
    "search-none": [go("/search?q=nobody-has-this")],
    ...(await recordPages()),
    revoke: [go(revoke)],
    "revoke-problems": [go(revoke), fill("#confirmation", "12345678"), submit],
    audit: [go("/audit")],
    "audit-problem": [go("/audit?q=officer&from=yesterday")],
    "audit-verified": [go("/audit"), (page) => page.locator("form[action='/audit/verify'] button").click()],
    officers: [go("/officers")],
    invite: [go("/officers/invite")],
    "invite-known": [go(`/officers/invite?person=${holder.personId}`)],
    "invite-problems": [go("/officers/invite"), fill("#givenName", "Ève"), submit],
    invited: [
      go("/officers/invite"),
      fill("#givenName", "Ève"),
      fill("#surname", "Noël"),
      fill("#email", `eve.${mark}@exemple.fr`),
      fill("#number", `E${mark}`),
      (page) => page.locator("input[value=helpdesk]").check(),
      submit,
    ],
    ...(await decisionPages(mark)),
    withdraw: [go(`/officers/${officerId}/withdraw`)],
    sessions: [go("/sessions")],
    "authority-signed-in": [go("/ca")],
    "not-found": [go("/people/nobody")],
  };
}

const publicPages: Record<string, Step[]> = {
  "sign-in": [go("/sign-in")],
  "sign-in-needed": [go("/audit")],
  "sign-in-link": [async (page) => page.goto(await helpdesk.signInLink())],
  "sign-in-link-used": [
    async (page) => {
      const link = await helpdesk.signInLink();
      await page.goto(link);
      await submit(page);
      await page.context().clearCookies();
      await page.goto(link);
      await submit(page);
    },
  ],
  authority: [go("/ca")],
};

const helpdeskPages: Record<string, Step[]> = {
  "search-helpdesk": [go("/search?q=&kind=all")],
  "not-permitted": [go("/audit")],
  "token-helpdesk": [goWhere(async () => `/tokens/${holder.serial}`)],
  "token-not-permitted": [goWhere(async () => `/tokens/${holder.serial}/lose`)],
};

test("the demonstration has two organisations, an officer of each role, and a certificate in every state", async () => {
  const { db } = office.store;
  expect(await db.select().from(organisations)).toHaveLength(2);
  const roles = (await db.select().from(officerRoles)).map(({ role }) => role);
  expect(new Set(roles)).toEqual(new Set(ROLES));
  const states = new Set((await db.select().from(certificates)).map(({ state }) => state));
  expect(states).toEqual(new Set(Object.keys(CERTIFICATE.table)));
});

describe.each(LANGUAGES)("%s", (language) => {
  test.each(WIDTHS.filter((width) => isWalked(language, width === PHONE_WIDTH)))(
    "every page at %i pixels: axe-core finds nothing, nothing sticks out; on a phone, everything can be reached by Tab",
    async (width) => {
      for (const [who, pages] of [
        [null, publicPages],
        [helpdesk, helpdeskPages],
        [everybody, await officerPages(`${language}${width}`)],
      ] as const) {
        const context = await newContext({ language, width });
        const page = await context.newPage();
        const seen = watchPage(page, office.url);
        page.on("framenavigated", (frame) => visited.add(new URL(frame.url()).pathname));
        if (who !== null) await signIn(page, who);
        for (const [name, steps] of Object.entries(pages)) {
          for (const step of steps) await step(page);
          await judgePage(page, language, `whole/${name}-${language}-${width}`);
          if (width === PHONE_WIDTH) expect(await keyboardFindings(page), name).toEqual([]);
        }
        expect(seen).toEqual([]);
        await context.close();
      }
    },
    LIMIT_MS,
  );
});

test.each(LANGUAGES)(
  "by keyboard alone at a phone's width, %s: sign-in, every entry of the menu, an invitation, a revocation that openssl sees, sign-out",
  async (language) => {
    const context = await newContext({ language, width: PHONE_WIDTH });
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
    await page.goto(await everybody.signInLink());
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className"), "the first stop skips the menu").toBe("skip");
    await follow("main button");
    expect(new URL(page.url()).pathname).toBe("/search");
    for (const path of (await page
      .locator("nav.menu a")
      .evaluateAll((links) => links.map((link) => link.getAttribute("href")))) as string[]) {
      await follow(`nav.menu a[href="${path}"]`);
      expect(new URL(page.url()).pathname).toBe(path);
      expect(await page.locator("html").getAttribute("lang")).toBe(language);
    }
    await follow('nav.menu a[href="/officers"]');
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
    await follow("main form button:not(.quiet)");
    expect(await page.locator("main").textContent()).toMatch(/[\w-]{43}/); // the code
    await follow('nav.menu a[href="/search"]');
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

test("every page that the README names was looked at, and nothing went wrong behind them", () => {
  const readme = readFileSync(new URL("../../office/pages/README.md", import.meta.url), "utf8");
  const paths = [...readme.matchAll(/^\| GET +\| (\S+) +\|/gm)].map(([, path]) => path ?? "");
  expect(paths.length).toBeGreaterThan(15);
  const seen = [...visited];
  // A file, what leads elsewhere, and what only shows after its form was sent; pages of applications have walks of their own (…-browser.test.ts, application-pages).
  const isNoPage = (path: string): boolean =>
    path === "/" || path === "/audit/verify" || /\.\w+$/.test(path) || /^\/(?:my|apply|identity|dossiers|associations)(?:\/|$)/.test(path);
  const unseen = paths.filter((path) => {
    const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`);
    return !isNoPage(path) && !seen.some((each) => pattern.test(each));
  });
  expect(unseen).toEqual([]);
  const lines = office.log.map((line) => JSON.parse(line) as { level: number; status?: number });
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter(({ level, status = 200 }) => level >= ERROR_LEVEL || status >= 500)).toEqual([]);
});

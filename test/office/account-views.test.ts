// Accounts, documents and settings in a real browser: what no walk of test/house comes by, in both languages, at a desk's and a phone's width; axe-core finds
// nothing, everything is reached by Tab; one page of each kind in the dark; signing in by keyboard alone. And the mails, as a program that shows HTML shows them.
// Pictures: test-output/pages/account/, test-output/mails/.

import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { changeHelp } from "../../office/settings/change-settings.ts";
import { DEFAULT_HELP } from "../../office/settings/default-settings.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { dossiers } from "../../office/store/application-schema.ts";
import { officerRoles } from "../../office/store/schema.ts";
import { accountCookie } from "../support/account-cookie.ts";
import {
  axeFindings,
  isWalked,
  judgePage,
  keyboardFindings,
  openBrowser,
  overflowPixels,
  picture,
  tabTo,
  takePicture,
  watchPage,
} from "../support/browser.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa, signInLink } from "../support/office-rows.ts";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { ROOT } from "../support/run.ts";
import { SAMPLE_MAILS } from "../support/sample-mails.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { issue, keyPem, pem } from "../support/test-certificates.ts";
import { testSealing } from "../support/test-sealing.ts";

const ORIGIN = "https://office.test";
const LIMIT_MS = 300_000;
const LANGUAGES = ["fr", "en"] as const;
type Language = (typeof LANGUAGES)[number];
const DOSSIER_STATES = ["draft", "identity_pending", "activation_ready", "active", "identity_failed", "cancelled"] as const;

let bench: TestStore;
let app: FastifyInstance;
let browser: Browser;
let rows: OfficeRows;
let mailboxes = 0;
const clock = { time: ROWS_START };
const mails: Mail[] = [];

beforeAll(async () => {
  bench = await openTestStore("postgresql");
  rows = await fillOffice(bench.store);
  const server = await issue({ name: "CN=office.test" });
  const own = { store: bench.store, clock: { now: () => clock.time }, sealing: testSealing, publicUrl: ORIGIN };
  app = await createOfficeServer({
    ...own,
    revoking: revokingWithoutCa(bench.store, () => clock.time),
    auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
    ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
    tls: { key: keyPem(server), cert: pem(server.der), clientCas: [] },
    logLevel: "silent",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  browser = await openBrowser({ host: "office.test", port: address.port, home: temporaryFolder() });
  const { all } = rows.officers;
  const roles = (["administrator", "helpdesk"] as const).map((role) => ({ officerId: all.id, officeId: rows.paris, role }));
  await bench.store.db.insert(officerRoles).values(roles).onConflictDoNothing();
  const texts = (fr: string) => ({ hours: fr, videos: [{ title: "Premiers pas", url: "https://video.example/1" }] });
  const help = {
    email: "aide@bureau.example",
    phone: "+33 1 23 45 67 89",
    fr: {
      ...DEFAULT_HELP.fr,
      ...texts("Du lundi au vendredi, de 9 h à 17 h"),
      webinar: { title: "Chaque mardi", url: "https://video.example/live" },
    },
    en: { ...DEFAULT_HELP.en, ...texts("Monday to Friday, 9 to 17") },
  };
  await changeHelp(bench.store, help, { actor: "system", now: clock.time });
}, STORE_START_LIMIT_MS + 60_000);

afterAll(async () => {
  await browser.close();
  await app.close();
  await bench.close();
});

interface Look {
  readonly language: Language;
  readonly width: number;
  readonly scheme?: "light" | "dark";
}

function newContext({ language, width, scheme = "light" }: Look): Promise<BrowserContext> {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  return browser.newContext({ ignoreHTTPSErrors: true, locale, colorScheme: scheme, viewport: { width, height: 900 } });
}

/** Limits begin anew. */
const later = (): void => {
  clock.time = new Date(clock.time.getTime() + 11 * 60_000);
};
const somebody = (): string => `lea.${++mailboxes}@example.org`;

async function codeFor(email: string): Promise<string> {
  const send = async (mail: Mail): Promise<void> => void mails.push(mail);
  await runDueJobs(bench.store, new Map([[MAIL_JOB, mailJob(testSealing, { send })]]), () => clock.time);
  return /^ {4}(\d{4} \d{4})$/m.exec(mails.findLast(({ to }) => to === email)?.text ?? "")?.[1] ?? "";
}

async function accountSession(context: BrowserContext, email: string): Promise<string> {
  const { account, cookie } = await accountCookie(bench.store, email, clock.time);
  const value = cookie.split("=")[1] ?? "";
  await context.addCookies([
    { name: "__Host-account", value, domain: "office.test", path: "/", secure: true, httpOnly: true, sameSite: "Lax" },
  ]);
  return account.id;
}

async function addDossiers(accountId: string): Promise<void> {
  const common = { officeId: rows.paris, accountId, profile: "SIGN-LCP", email: "x@example.org", phone: "", title: "", memberNumber: "" };
  const own = {
    ...common,
    givenName: "Marie-Antoinette-Élisabeth",
    surname: "de la Rochefoucauld-Liancourt",
    language: "fr",
    payment: "due" as const,
  };
  for (const [index, state] of DOSSIER_STATES.entries()) {
    const number = `T${String(mailboxes).padStart(3, "0")}${index}ABC`;
    const createdAt = new Date(clock.time.getTime() - index * 1000);
    await bench.store.db.insert(dossiers).values({ ...own, number, state, createdAt, expiresAt: new Date("2027-01-01T00:00:00Z") });
  }
}

type Step = (page: Page) => Promise<unknown>;
const go =
  (path: string): Step =>
  (page) =>
    page.goto(`${ORIGIN}${path}`);
const fill =
  (selector: string, text: string): Step =>
  (page) =>
    page.locator(selector).fill(text);
const submit: Step = (page) => page.locator("main form button:not(.quiet)").last().click();
const wrongCode: Step[] = [fill("#code", "00000000"), submit];

const visitorPages = (): Record<string, Step[]> => ({
  "mailbox-needed": [go("/account")],
  "mailbox-problem": [go("/account/sign-in"), fill("#email", "nowhere"), submit],
  // One after the other: five tries in all.
  "code-problem": [go("/account/sign-in?next=/account"), fill("#email", somebody()), submit, fill("#code", "12"), submit],
  "code-wrong": wrongCode,
  "code-locked": [1, 2, 3, 4].flatMap(() => wrongCode),
  "help-open": [go("/help"), (page) => page.locator("summary").first().click()],
  "help-terms": [go("/help/terms")],
});
const ACCOUNT_PAGES: Record<string, Step[]> = { account: [go("/account")], "account-saved": [go("/account?done=saved")] };
const OFFICER_PAGES: Record<string, Step[]> = {
  "settings-help-problem": [go("/settings/help"), fill("#videosFr", "no address"), fill("#email", "nowhere"), submit],
  "settings-terms": [go("/settings/terms")],
  "settings-periods": [go("/settings/periods")],
  "settings-periods-problem": [go("/settings/periods"), fill("#evidenceDays", "0"), submit],
};
/** Colours are one style sheet's: pills, fields and what is wrong with them, text to read. */
const IN_THE_DARK = ["code-wrong", "account", "settings-help-problem", "help-terms"];

async function look(context: BrowserContext, pages: Record<string, Step[]>, language: Language, suffix: string): Promise<void> {
  const page = await context.newPage();
  const seen = watchPage(page, ORIGIN);
  for (const [name, steps] of Object.entries(pages)) {
    if (!name.startsWith("code-")) later();
    for (const step of steps) await step(page);
    if (suffix === "dark" && !IN_THE_DARK.includes(name)) continue;
    await judgePage(page, language, `account/${name}-${language}-${suffix}`);
    const title = await page.locator("h1").textContent();
    expect(["Action non permise", "Not permitted", "Page introuvable", "Nothing there"], name).not.toContain(title);
    if (suffix === "360") expect(await keyboardFindings(page), `${name} ${language} ${suffix}`).toEqual([]);
  }
  expect(seen).toEqual([]);
  await page.close();
}

async function lookAtAll(order: Look, suffix: string): Promise<void> {
  const { language } = order;
  const visitor = await newContext(order);
  await look(visitor, visitorPages(), language, suffix);
  await visitor.close();
  const own = await newContext(order);
  await accountSession(own, somebody());
  await look(own, { "account-empty": [go("/account")] }, language, suffix);
  await addDossiers(await accountSession(own, somebody()));
  await accountCookie(bench.store, `lea.${mailboxes}@example.org`, clock.time);
  clock.time = new Date(clock.time.getTime() - 11 * 60_000 * 2); // the session stays open
  await look(own, ACCOUNT_PAGES, language, suffix);
  // Both at once: the officer's menu and the account's.
  const page = await own.newPage();
  await page.goto(`${ORIGIN}/sign-in/${await signInLink(bench.store, ORIGIN, rows.officers.all, clock.time)}`);
  await page.locator("main button").click();
  await page.goto(`${ORIGIN}/account`);
  expect(await page.locator("nav.menu").count()).toBe(2);
  await judgePage(page, language, `account/both-${language}-${suffix}`);
  await page.close();
  await own.clearCookies({ name: "__Host-account" });
  await look(own, OFFICER_PAGES, language, suffix);
  await own.close();
}

test.each(
  LANGUAGES.flatMap((language) => [1280, 360].map((width) => [language, width] as const)).filter(([language, width]) =>
    isWalked(language, width === 360, "wide"),
  ),
)("%s: every page at %i pixels", (language, width) => lookAtAll({ language, width }, String(width)), LIMIT_MS);

test("a page of each kind in the dark", () => lookAtAll({ language: "fr", width: 1280, scheme: "dark" }, "dark"), LIMIT_MS);

test(
  "S18 by keyboard alone, at a phone's width: the mailbox, the code, the account, its language, signing out",
  async () => {
    later();
    const context = await newContext({ language: "en", width: 360 });
    const page = await context.newPage();
    const press = (key: string) => Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
    const email = somebody();
    await page.goto(`${ORIGIN}/`);
    await tabTo(page, "a[href='/account']");
    await press("Enter");
    await tabTo(page, "#email");
    await page.keyboard.type(email);
    await press("Enter");
    expect(page.url()).toBe(`${ORIGIN}/account/code?next=%2Faccount`);
    await tabTo(page, "#code");
    await page.keyboard.type(await codeFor(email));
    await press("Enter");
    expect(page.url()).toBe(`${ORIGIN}/account`);
    await picture(page, "account/by-keyboard");
    const [cookie] = (await context.cookies()).filter(({ name }) => name === "__Host-account");
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax" });
    await tabTo(page, "select[name=language]");
    await page.keyboard.press("Home");
    await tabTo(page, "form[action='/account/language'] button");
    await press("Enter");
    expect(page.url()).toBe(`${ORIGIN}/account?done=saved`);
    await tabTo(page, "form[action='/account/sign-out'] button");
    await press("Enter");
    await page.goto(`${ORIGIN}/account`);
    expect(await page.locator("#email").count()).toBe(1);
    await context.close();
  },
  LIMIT_MS,
);

test(
  "each mail in both languages, light when wide and dark when narrow: axe-core finds nothing, nothing is loaded",
  async () => {
    for (const language of LANGUAGES) {
      for (const [width, scheme] of [
        [640, "light"],
        [360, "dark"],
      ] as const) {
        if (!isWalked(language, width === 360, "both")) continue;
        const context = await browser.newContext({ viewport: { width, height: 700 }, colorScheme: scheme });
        const page = await context.newPage();
        const asked: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        for (const { name, mail } of SAMPLE_MAILS) {
          await page.setContent(mail(language).html ?? "");
          const path = join(ROOT, "test-output", "mails", `${name}-${language}-${scheme}.png`);
          await takePicture(page, path);
          expect(await overflowPixels(page), `${name} ${language} ${width}`).toBe(0);
          expect(await axeFindings(page), `${name} ${language} ${scheme}`).toEqual([]);
        }
        expect(asked).toEqual([]);
        await context.close();
      }
    }
  },
  LIMIT_MS,
);

// The legal representative in a real browser (S6, S40, S42, S43): both languages, a desk's and a phone's width, light and dark, judged by axe-core; from
// the identifier to the revocation by keyboard alone. Pictures: test-output/pages/representative/.

import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import type { FastifyInstance } from "fastify";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApplicationDesk } from "../../office/applications/application-desk.ts";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import type { Mail } from "../../office/mail/mail.ts";
import { MAIL_JOB, mailJob } from "../../office/mail/outbox.ts";
import { appointRepresentative, collectKey, giveHandoverCode } from "../../office/representatives/handing-over.ts";
import { changeRepresentative, holdRepresentative } from "../../office/representatives/representative.ts";
import { addSession, type Purpose } from "../../office/representatives/representative-sessions.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { legalRepresentatives } from "../../office/store/application-schema.ts";
import { certificates } from "../../office/store/schema.ts";
import { isWalked, judgePage, keyboardFindings, openBrowser, tabTo, watchPage } from "../support/browser.ts";
import { fillOffice, type OfficeRows, ROWS_START, revokingWithoutCa } from "../support/office-rows.ts";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { officerCookie } from "../support/officer-cookie.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { issue, keyPem, pem } from "../support/test-certificates.ts";
import { testSealing } from "../support/test-sealing.ts";

const ORIGIN = "https://office.test";
const EMAIL = "paul.obrien@cabinet.example";
const LIMIT_MS = 300_000;
const home = temporaryFolder();

let bench: TestStore;
let desk: ApplicationDesk;
let rows: OfficeRows;
let app: FastifyInstance;
let browser: Browser;
let organisationId = "";
let officer = "";
let time = ROWS_START;
const mails: Mail[] = [];

const session = (purpose: Purpose, isOpen: boolean): Promise<string> =>
  bench.store.transaction((tx) => addSession(tx, organisationId, purpose, isOpen, time));
/** As if the key had not been collected yet. */
const offered = (): Promise<void> =>
  bench.store.transaction(async (tx) => {
    await changeRepresentative(tx, await holdRepresentative(tx, organisationId), { state: "offered", keyHash: null, keyAt: null });
  });

beforeAll(async () => {
  bench = await openTestStore("pglite");
  rows = await fillOffice(bench.store);
  organisationId = rows.organisations.paris;
  const { store } = bench;
  const clock = { now: () => time };
  desk = { store, clock, sealing: testSealing, publicUrl: ORIGIN };
  const order = { organisationId, name: "Paul O'Brien", email: EMAIL, language: "fr" as const };
  await appointRepresentative(desk, order, { actor: `officer:${rows.officers.all.id}`, now: time });
  const server = await issue({ name: "CN=office.test" });
  app = await createOfficeServer({
    ...desk,
    revoking: revokingWithoutCa(store, clock.now),
    auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
    ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
    tls: { key: keyPem(server), cert: pem(server.der), clientCas: [] },
    logLevel: "silent",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  browser = await openBrowser({ host: "office.test", port: address.port, home });
  officer = (await officerCookie(store, rows.officers.second.id, time)).cookie.replace("sceau-session=", "");
}, STORE_START_LIMIT_MS + 60_000);

afterAll(async () => {
  await browser.close();
  await app.close();
  await bench.close();
});

type Language = "fr" | "en";

function context(language: Language, width: number, scheme: "light" | "dark" = "light"): Promise<BrowserContext> {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  return browser.newContext({ ignoreHTTPSErrors: true, locale, colorScheme: scheme, viewport: { width, height: 900 } });
}

const withCookie = (page: Page, name: "representative" | "session", value: string): Promise<void> =>
  page
    .context()
    .addCookies([{ name: `__Host-${name}`, value, domain: "office.test", path: "/", secure: true, httpOnly: true, sameSite: "Strict" }]);
const go = (page: Page, path: string): Promise<unknown> => page.goto(`${ORIGIN}${path}`);
const submit = (page: Page): Promise<void> => page.locator("main form button").last().click();
async function typed(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
  await submit(page);
}

/** In the order in which they are come to. */
function pages(): Record<string, (page: Page) => Promise<unknown>> {
  const sheet = `/organisations/${organisationId}`;
  const revoking = `/representative/certificates/${rows.active[0]}/revoke`;
  return {
    "sign-in": (page) => go(page, "/representative"),
    "sign-in-wrong": (page) => typed(page, { identifier: "ORG-00000000", key: "1".repeat(20) }),
    collect: (page) => go(page, "/representative/key"),
    "collect-problems": submit,
    mailbox: async (page) => {
      await withCookie(page, "representative", await session("revoke", false));
      await go(page, "/representative/mailbox");
    },
    code: (page) => typed(page, { email: "somebody@else.example" }),
    "code-wrong": (page) => typed(page, { code: "0000 0000" }),
    "key-before": async (page) => {
      await offered();
      await withCookie(page, "representative", await session("collect", true));
      await go(page, "/representative/key/show");
    },
    key: submit,
    list: async (page) => {
      await withCookie(page, "representative", await session("revoke", true));
      await go(page, "/representative");
    },
    "list-none": (page) => go(page, "/representative?name=nobody"),
    "list-done": (page) => go(page, "/representative?done=revoked"),
    revoke: (page) => go(page, revoking),
    "revoke-problems": submit,
    "officer-sheet": async (page) => {
      await offered();
      await withCookie(page, "session", officer);
      await go(page, sheet);
    },
    officer: (page) => go(page, `${sheet}/legal-representative`),
    "officer-give": (page) => go(page, `${sheet}/legal-representative/give`),
    "officer-code": (page) => typed(page, { reason: "Rappelé au standard" }),
    "officer-renew": (page) => go(page, `${sheet}/legal-representative/renew`),
    "officer-appoint": async (page) => {
      await go(page, `${sheet}/legal-representative/appoint`);
      await submit(page);
    },
  };
}

test.each(
  (
    [
      ["fr", 1280, "dark"],
      ["en", 1280, "light"],
      ["fr", 360, "light"],
      ["en", 360, "dark"],
    ] as const
  ).filter(([language, width]) => isWalked(language, width === 360, "phone")),
)(
  "every page in %s, %i pixels wide, %s: axe finds nothing, nothing is too wide, all by keyboard",
  async (language, width, scheme) => {
    time = new Date(time.getTime() + 11 * 60_000); // new limits
    const own = await context(language, width, scheme);
    const page = await own.newPage();
    const seen = watchPage(page, ORIGIN);
    for (const [name, come] of Object.entries(pages())) {
      await come(page);
      await judgePage(page, language, `representative/${name}-${language}-${width}`);
      if (width === 360) expect(await keyboardFindings(page), name).toEqual([]);
    }
    expect(seen).toEqual([]);
    await own.close();
  },
  LIMIT_MS,
);

test(
  "S6, S40, S42, S43: by keyboard alone from the identifier and the key, through the e-mail and the secret code, to the revocation",
  async () => {
    time = new Date(time.getTime() + 11 * 60_000);
    await offered();
    await giveHandoverCode(desk, { organisationId, officerId: rows.officers.second.id, reason: "rappelé" });
    const key = await collectKey(desk, await session("collect", true));
    const [{ identifier } = { identifier: "" }] = await bench.store.db.select().from(legalRepresentatives);
    const own = await context("fr", 1280);
    const page = await own.newPage();
    const type = async (selector: string, text: string): Promise<void> => {
      await tabTo(page, selector);
      await page.keyboard.type(text);
    };
    await go(page, "/");
    await tabTo(page, 'a[href="/representative"]');
    await page.keyboard.press("Enter");
    await page.waitForURL("**/sign-in");
    await type("#identifier", identifier);
    await type("#key", key.replace(/(\d{4})(?=\d)/g, "$1 "));
    await page.keyboard.press("Enter");
    await page.waitForURL("**/mailbox");
    await type("#email", EMAIL);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/code");
    const send = async (mail: Mail): Promise<void> => void mails.push(mail);
    await runDueJobs(bench.store, new Map([[MAIL_JOB, mailJob(testSealing, { send })]]), () => time);
    await type("#code", /^ {4}(\d{4} \d{4})$/m.exec(mails.findLast(({ to }) => to === EMAIL)?.text ?? "")?.[1] ?? "");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/representative");
    const [id = ""] = rows.active;
    const [row] = await bench.store.db.select().from(certificates).where(eq(certificates.id, id));
    await tabTo(page, `a[href$="${id}/revoke"]`);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/revoke");
    await tabTo(page, "#reason");
    await page.keyboard.press("Space");
    await type("#confirmation", row?.serialNumber.slice(-8) ?? "");
    await page.keyboard.press("Enter");
    await page.waitForURL("**?done=revoked");
    expect(await page.locator("[role=status]").textContent()).toContain("révoqué");
    const [after] = await bench.store.db.select().from(certificates).where(eq(certificates.id, id));
    expect(after?.state).toBe("revoked");
    await own.close();
  },
  LIMIT_MS,
);

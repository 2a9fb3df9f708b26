// Activation's pages in a real browser: the holder's, the desk, the release of a token's secrets; both languages, a desk's and a phone's width, judged by
// axe-core; by Tab alone on a phone. Pictures: test-output/pages/activation/.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerActivation } from "../../office/activation/opening.ts";
import { askRelease, decideRelease } from "../../office/activation/secret-release.ts";
import type { Officer } from "../../office/registration/officers.ts";
import { tokenSecrets } from "../../office/store/application-schema.ts";
import { ANSWERS_TYPED, type Applicant, WRONG_ANSWERS } from "../support/activation-bench.ts";
import { type ActivationOffice, openActivationOffice } from "../support/activation-office.ts";
import { isWalked, judgePage, keyboardFindings, openBrowser, tabTo, watchPage } from "../support/browser.ts";
import { STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import { officerCookie } from "../support/officer-cookie.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testSealing } from "../support/test-sealing.ts";

const LIMIT_MS = 300_000;
const LANGUAGES = ["fr", "en"] as const;
const PHONE_WIDTH = 360;
const WIDTHS = [1280, PHONE_WIDTH] as const;
const REASON = "The holder is at the desk, has shown an identity card, and has blocked the PIN of the token by mistake.";
const home = temporaryFolder();

let office: ActivationOffice;
let browser: Browser;
let officer: Officer;
let other: Officer;

beforeAll(async () => {
  office = await openActivationOffice("pglite");
  const { hostname, port } = new URL(office.url);
  browser = await openBrowser({ host: hostname, port: Number(port), home });
  officer = await office.bench.officer(["issuer"], { givenName: "Marie-Antoinette", surname: "de la Rochefoucauld-Liancourt" });
  other = await office.bench.officer(["issuer"]);
}, STORE_START_LIMIT_MS);

afterAll(async () => {
  await browser.close();
  await office.close();
});

async function newContext(language: string, width: number): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: language === "fr" ? "fr-FR" : "en-GB", viewport: { width, height: 800 } });
  const { cookie } = await officerCookie(office.bench.store, officer.id, office.bench.issuance.now);
  await context.addCookies([{ name: "sceau-session", value: cookie.replace("sceau-session=", ""), url: office.url }]);
  return context;
}

type Step = (page: Page) => Promise<unknown>;
const go =
  (path: string): Step =>
  (page) =>
    page.goto(`${office.url}${path}`);
const submit: Step = (page) => page.locator("main form button:not(.quiet)").last().click();
const fill =
  (fields: Readonly<Record<string, string>>): Step =>
  async (page) => {
    for (const [name, text] of Object.entries(fields)) await page.locator(`[id="${name}"]`).fill(text);
  };
const opened = ({ reference }: Applicant): Step[] => [go("/activate"), fill({ reference }), submit];

/** One whose secrets the office has. */
async function token(): Promise<string> {
  const { bench } = office;
  const { serial } = await bench.issuance.token();
  const sealed = testSealing.seal(`token-secrets:${serial}`, Buffer.concat([Buffer.from("28460917"), new Uint8Array(24).fill(0xa5)]));
  await bench.store.db.insert(tokenSecrets).values({ tokenSerial: serial, sealed, storedBy: "system", storedAt: bench.issuance.now });
  return serial;
}

async function pages(): Promise<Record<string, Step[]>> {
  const { bench } = office;
  const { desk } = bench;
  bench.issuance.later(11 * 60_000); // new limits
  const [who, wrong] = [await bench.approved(), await bench.approved()];
  const { activationId } = await answerActivation(desk, who.reference, ANSWERS_TYPED);
  const serials = [await token(), await token(), await token()];
  const [asked, theirs, agreed] = [
    await askRelease(desk, serials[0] ?? "", REASON, other),
    await askRelease(desk, serials[1] ?? "", REASON, officer),
    await askRelease(desk, serials[2] ?? "", REASON, officer),
  ];
  await decideRelease(desk, agreed, "agree", other);
  const unasked = await token();
  const check: Step = (page) => page.locator("#confirmation").check();
  return {
    reference: [go("/activate")],
    "reference-problem": [go("/activate"), fill({ reference: "0000-0000-0000-0000" }), submit],
    "reference-missing": [go("/activate"), submit],
    questions: opened(who),
    "questions-missing": [...opened(who), submit],
    "questions-wrong": [...opened(wrong), fill(WRONG_ANSWERS), submit],
    "hand-over": [...opened(who), fill(ANSWERS_TYPED), submit],
    "after-waiting": [go(`/activate/after/${activationId}`)],
    "after-waiting-desk": [go(`/activate/after/${activationId}?desk`)],
    desk: [go("/desk")],
    provision: [go(`/desk/${who.dossierId}`)],
    "provision-problem": [go(`/desk/${who.dossierId}`), submit],
    "provision-hand-over": [go(`/desk/${who.dossierId}`), check, submit],
    "secrets-token": [go(`/tokens/${unasked}`)],
    "secrets-ask": [go(`/tokens/${unasked}/secrets`)],
    "secrets-ask-problem": [go(`/tokens/${unasked}/secrets`), fill({ reason: "because" }), submit],
    "secrets-asked": [go(`/tokens/${unasked}/secrets`), fill({ reason: REASON }), submit],
    "secrets-list": [go("/token-secrets")],
    "secrets-to-decide": [go(`/token-secrets/${asked}`)],
    "secrets-waiting": [go(`/token-secrets/${theirs}`)],
    "secrets-agreed": [go(`/token-secrets/${agreed}`)],
    "secrets-shown": [go(`/token-secrets/${agreed}`), submit],
    "secrets-over": [go(`/token-secrets/${agreed}`)],
  };
}

describe.each(LANGUAGES)("%s", (language) => {
  test.each(WIDTHS.filter((width) => isWalked(language, width === PHONE_WIDTH)))(
    "every page at %i pixels: axe-core finds nothing, nothing sticks out; on a phone, everything can be reached by Tab",
    async (width) => {
      const context = await newContext(language, width);
      const page = await context.newPage();
      const seen = watchPage(page, office.url);
      for (const [name, steps] of Object.entries(await pages())) {
        for (const step of steps) await step(page);
        await judgePage(page, language, `activation/${name}-${language}-${width}`);
        if (width === PHONE_WIDTH) expect(await keyboardFindings(page), name).toEqual([]);
      }
      expect(seen).toEqual([]);
      await context.close();
    },
    LIMIT_MS,
  );
});

test(
  "S15: by keyboard alone at a phone's width, from the number to the link to the agent; and the same in the other language",
  async () => {
    const { bench } = office;
    bench.issuance.later(11 * 60_000);
    const who = await bench.approved();
    const context = await browser.newContext({ locale: "fr-FR", viewport: { width: PHONE_WIDTH, height: 800 } });
    const page = await context.newPage();
    const enter = async (): Promise<void> => {
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    };
    await page.goto(`${office.url}/activate`);
    await tabTo(page, "#reference");
    await page.keyboard.type(who.reference.toLowerCase().replaceAll("-", " "));
    await enter();
    for (const [name, text] of Object.entries(ANSWERS_TYPED)) {
      await tabTo(page, `#${name}`);
      await page.keyboard.type(text);
    }
    await enter();
    const link = 'a[href^="http://127.0.0.1:8757/request?"]';
    const address = await page.locator(link).getAttribute("href");
    await tabTo(page, "button[name=lang]");
    await enter();
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    await tabTo(page, link);
    expect(await page.locator(link).getAttribute("href")).toBe(address);
    await context.close();
  },
  LIMIT_MS,
);

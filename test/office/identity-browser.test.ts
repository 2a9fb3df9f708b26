// S13, S23: what the walks of test/house do not come to among the pages of identity checks and dossiers, in a real browser: what is wrong, doubted, undone,
// very long; both languages, a desk's and a phone's width, light and dark, judged by axe-core. Pictures: test-output/pages/identity/.

import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bookCheck } from "../../office/identity/booking.ts";
import { beginCheck, CHECKLIST, decideCheck } from "../../office/identity/checks.ts";
import { addEvidence, reviewByHand } from "../../office/identity/evidence.ts";
import { evidenceOfDossier } from "../../office/identity/identity-records.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { accountCookie } from "../support/account-cookie.ts";
import { isWalked, judgePage, keyboardFindings, openBrowser, tabTo, watchPage } from "../support/browser.ts";
import { jpeg, pdf, png } from "../support/evidence-files.ts";
import { IdentityBench } from "../support/identity-bench.ts";
import { LONG_NAME, revokingWithoutCa, SCRIPT_NAME } from "../support/office-rows.ts";
import { STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import { officerCookie } from "../support/officer-cookie.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { issue, keyPem, pem } from "../support/test-certificates.ts";
import { testSealing } from "../support/test-sealing.ts";
import { type DossierSheets, dossierSheets } from "./dossier-sheets.ts";

const ORIGIN = "https://office.test";
const LIMIT_MS = 300_000;
const home = temporaryFolder();

type Dossier = Awaited<ReturnType<IdentityBench["applicant"]>>;
type Who = "applicant" | "verifier" | "everybody";

let bench: IdentityBench;
let app: FastifyInstance;
let browser: Browser;
let verifierCookie: string;
/** Of every role that has to do with dossiers; checked none. */
let everybodyCookie: string;
let sheets: DossierSheets;
/** What each page is about. */
let fresh: Dossier;
const checks: Record<string, string> = {};

async function checked(name: string, dossier: Dossier, ...then: ((checkId: string) => Promise<unknown>)[]): Promise<void> {
  const order = { dossierId: dossier.id, accountId: dossier.accountId, slotId: await bench.slot() };
  const checkId = await bookCheck(bench.desk, order);
  checks[name] = `/identity/checks/${checkId}`;
  for (const change of then) await change(checkId);
}

beforeAll(async () => {
  bench = await IdentityBench.open("postgresql");
  const { store } = bench.desk;
  const clock = { now: () => bench.dossiers.now };
  const server = await issue({ name: "CN=office.test" });
  app = await createOfficeServer({
    store,
    clock,
    publicUrl: ORIGIN,
    revoking: revokingWithoutCa(store, clock.now),
    auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
    sealing: testSealing,
    ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
    tls: { key: keyPem(server), cert: pem(server.der), clientCas: [] },
    logLevel: "silent",
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  browser = await openBrowser({ host: "office.test", port: address.port, home });
  const { verifierId } = bench.dossiers;
  verifierCookie = (await officerCookie(store, verifierId, bench.dossiers.now)).cookie.replace("sceau-session=", "");
  const everybody = await bench.dossiers.officer(["administrator", "verifier", "approver", "issuer", "helpdesk"]);
  everybodyCookie = (await officerCookie(store, everybody, bench.dossiers.now)).cookie.replace("sceau-session=", "");
  sheets = await dossierSheets(bench.dossiers, go);
  const second = await bench.dossiers.officer(["verifier"]);
  const begin = (officerId: string) => (checkId: string) => beginCheck(bench.desk, { checkId, officerId });
  const decide = (officerId: string, decision: "accept" | "doubt", note: string) => (checkId: string) =>
    decideCheck(bench.desk, { checkId, officerId, decision, seen: CHECKLIST, note });
  fresh = await bench.applicant();
  await bench.offer({ to: "12:00" });
  await bench.offer({ day: "2026-12-02", kind: "desk", place: "12 avenue de la Très-Longue-République, escalier B, 3e étage, à gauche" });
  const reviewed = await bench.dossiers.dossier({
    state: "submitted",
    surname: LONG_NAME,
    title: SCRIPT_NAME,
    email: `${"tres-longue-".repeat(5)}@exemple.example`,
  });
  const by = { accountId: reviewed.accountId };
  for (const [kind, bytes] of [
    ["document-front", png()],
    ["document-back", jpeg()],
    ["other", pdf()],
  ] as const) {
    await addEvidence(bench.desk, { dossierId: reviewed.id, kind, bytes, by });
  }
  await checked("review", reviewed, begin(verifierId));
  const byHand = await bench.applicant();
  await reviewByHand(bench.desk, byHand.id, byHand.accountId);
  await checked("by-hand", byHand, begin(verifierId));
  await checked("mine-doubted", await bench.applicant(), begin(verifierId), decide(verifierId, "doubt", "L'hologramme ne se voit pas."));
  await checked("doubted", await bench.applicant(), begin(second), decide(second, "doubt", "Pas assez de lumière."));
}, STORE_START_LIMIT_MS + 60_000);

afterAll(async () => {
  await browser.close();
  await app.close();
  await bench.close();
});

type Language = "fr" | "en";

async function signedIn(
  who: Who,
  dossier: Dossier,
  language: Language,
  width: number,
  scheme: "light" | "dark" = "light",
): Promise<BrowserContext> {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, colorScheme: scheme, viewport: { width, height: 900 } });
  const account = (await accountCookie(bench.desk.store, dossier.email, bench.dossiers.now)).cookie.replace("sceau-account=", "");
  const about = { domain: "office.test", path: "/", secure: true, httpOnly: true };
  const officer = {
    ...about,
    name: "__Host-session",
    value: who === "verifier" ? verifierCookie : everybodyCookie,
    sameSite: "Strict" as const,
  };
  const applicant = { ...about, name: "__Host-account", value: account, sameSite: "Lax" as const };
  await context.addCookies(who === "applicant" ? [applicant] : who === "verifier" ? [officer] : [officer, applicant]);
  return context;
}

const go = (page: Page, path: string): Promise<unknown> => page.goto(`${ORIGIN}${path}`);
async function send(page: Page, path: string, file: string): Promise<void> {
  await go(page, path);
  await page.setInputFiles("#file", file);
  await page.locator('main form[enctype="multipart/form-data"] button').click();
}

function pages(who: Who): Record<string, (page: Page) => Promise<unknown>> {
  const appointment = `/my/dossiers/${fresh.id}/appointment`;
  if (who === "everybody") {
    return { ...sheets.pages, "own-reference": (page) => go(page, `/my/dossiers/${sheets.approved.id}/reference`) };
  }
  if (who === "applicant") {
    return {
      "appointment-none-chosen": async (page) => {
        await go(page, appointment);
        await page.locator("main form button").last().click();
      },
      "appointment-cancelled": async (page) => {
        await go(page, appointment);
        await page.locator('input[name="slot"]').first().check();
        await page.locator('main form:has(input[name="slot"]) button').click();
        await page.locator('main form[action$="/cancel"] button').click();
      },
    };
  }
  const check = (name: string) => (page: Page) => go(page, checks[name] ?? "");
  return {
    day: (page) => go(page, "/identity?day=2027-01-01"),
    "slots-problems": async (page) => {
      await go(page, "/identity/slots");
      await page.locator('main form[action="/identity/slots"] button').click();
    },
    ...Object.fromEntries(Object.keys(checks).map((name) => [`check-${name}`, check(name)])),
    "check-problems": async (page) => {
      await check("review")(page);
      await page.locator('input[name="decision"]').first().check();
      await page.locator("main form:has(input[name='decision']) button").click();
    },
  };
}

test.each(
  (
    [
      ["fr", 1280, "light"],
      ["en", 1280, "dark"],
      ["fr", 360, "dark"],
      ["en", 360, "light"],
    ] as const
  ).filter(([language, width]) => isWalked(language, width === 360, "phone")),
)(
  "every page in %s, %i pixels wide, %s: axe finds nothing, nothing is too wide, all by keyboard",
  async (language, width, scheme) => {
    for (const who of ["applicant", "verifier", "everybody"] as const) {
      const context = await signedIn(who, who === "everybody" ? sheets.approved : fresh, language, width, scheme);
      const page = await context.newPage();
      const seen = watchPage(page, ORIGIN);
      for (const [name, come] of Object.entries(pages(who))) {
        await come(page);
        await page.waitForLoadState("load"); // with its pictures
        await judgePage(page, language, `identity/${who}-${name}-${language}-${width}`);
        if (width === 360) expect(await keyboardFindings(page), name).toEqual([]);
      }
      expect(seen).toEqual([]);
      await context.close();
    }
  },
  LIMIT_MS,
);

test(
  "S23: a real browser's pictures are taken, JPEG and PNG; the verifier's browser shows them",
  async () => {
    const own = await bench.applicant();
    const context = await signedIn("applicant", own, "fr", 1280);
    const page = await context.newPage();
    for (const type of ["jpeg", "png"] as const) {
      await go(page, "/ca");
      const file = join(home, `picture.${type}`);
      writeFileSync(file, await page.screenshot({ type }));
      await send(page, `/my/dossiers/${own.id}/evidence`, file);
      await page.waitForURL(/done=added/);
    }
    const printed = join(home, "page.pdf");
    writeFileSync(printed, await page.pdf());
    await send(page, `/my/dossiers/${own.id}/evidence`, printed);
    await page.waitForURL(/done=added/);
    expect(await evidenceOfDossier(bench.db, own.id)).toHaveLength(3);
    await context.close();
    await checked("shown", own);
    const verifier = await signedIn("verifier", own, "fr", 1280);
    const desk = await verifier.newPage();
    await go(desk, checks["shown"] ?? "");
    const widths = await desk
      .locator(".pictures img")
      .evaluateAll((images) => images.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth));
    expect(widths).toEqual([1280, 1280]);
    // Turned, enlarged and put back without leaving the page: only this picture, and what was typed elsewhere stays.
    const image = desk.locator(".pictures figure:has(img)").first().locator("img");
    const shape = async () => {
      const { width = 0, height = 0 } = (await image.boundingBox()) ?? {};
      return { width: Math.round(width), height: Math.round(height) };
    };
    const turned = async () => String(await desk.evaluate("getComputedStyle(document.querySelector('.pictures figure img')).transform"));
    const before = await shape();
    const address = desk.url();
    await tabTo(desk, ".looking input[name=turn]");
    await desk.keyboard.press("ArrowRight");
    expect(await turned()).toBe("matrix(0, 1, -1, 0, 0, 0)");
    const square = await shape();
    expect([square.height, square.width > before.height]).toEqual([square.width, true]);
    await tabTo(desk, ".looking input[name=zoom]");
    await desk.keyboard.press("ArrowRight");
    const larger = await shape();
    expect(Math.abs(larger.width - 2 * square.width)).toBeLessThan(3); // rounded
    await desk.keyboard.press("Enter"); // sends nothing
    expect(
      await desk
        .locator(".pictures figure:has(img)")
        .nth(1)
        .locator("input:checked")
        .evaluateAll((all) => all.map((each) => (each as unknown as { value: string }).value)),
    ).toEqual(["0", "1"]);
    await judgePage(desk, "fr", "identity/verifier-check-turned-fr-1280");
    await tabTo(desk, ".looking button[type=reset]");
    await desk.keyboard.press("Enter");
    expect([await turned(), await shape(), desk.url()]).toEqual(["none", before, address]);
    await verifier.close();
  },
  LIMIT_MS,
);

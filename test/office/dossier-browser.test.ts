// The officers' pages of dossiers in a real browser: both languages, a desk's and a phone's width, light and dark, judged by axe-core; an approval by
// keyboard alone. Pictures: test-output/pages/dossier/.

import { generateKeyPairSync } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { approveDossier } from "../../office/dossiers/decision.ts";
import type { Dossier } from "../../office/dossiers/dossiers.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { appointmentSlots, consents, evidence, identityChecks, questionSets } from "../../office/store/application-schema.ts";
import { accountCookie } from "../support/account-cookie.ts";
import { isWalked, judgePage, keyboardFindings, openBrowser, tabTo, watchPage } from "../support/browser.ts";
import { DossierBench } from "../support/dossier-bench.ts";
import { LONG_NAME, revokingWithoutCa, SCRIPT_NAME } from "../support/office-rows.ts";
import { STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import { officerCookie } from "../support/officer-cookie.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { issue, keyPem, pem } from "../support/test-certificates.ts";
import { testSealing } from "../support/test-sealing.ts";

const ORIGIN = "https://office.test";
const LIMIT_MS = 300_000;
const DAY_MS = 86_400_000;
const home = temporaryFolder();

let bench: DossierBench;
let app: FastifyInstance;
let browser: Browser;
/** An officer of every role that has to do with dossiers, who checked none. */
let cookie: string;
let verified: Dossier;
let due: Dossier;
let approved: Dossier;
let failed: Dossier;

/** All that a sheet can show. */
async function fill(dossier: Dossier): Promise<void> {
  const { db, now, officeId, verifierId } = bench;
  const slot = { officeId, officerId: verifierId, kind: "video" as const, place: "https://video.example", startsAt: now, minutes: 20 };
  const [row] = await db.insert(appointmentSlots).values(slot).returning({ id: appointmentSlots.id });
  const check = { dossierId: dossier.id, slotId: row?.id ?? "", officerId: verifierId, checklist: {}, createdAt: now };
  await db.insert(identityChecks).values({ ...check, state: "accepted" });
  const about = {
    dossierId: dossier.id,
    sizeBytes: 10,
    sha256: new Uint8Array(32),
    uploadedBy: `account:${dossier.accountId}`,
    uploadedAt: now,
  };
  const destroyAt = new Date(now.getTime() + 90 * DAY_MS);
  await db.insert(evidence).values([
    { ...about, kind: "document-front", mediaType: "image/jpeg", destroyAt, sealed: new Uint8Array(10) },
    { ...about, kind: "document-back", mediaType: "application/pdf", destroyAt: now, destroyedAt: now },
  ]);
  await db.insert(questionSets).values({ accountId: dossier.accountId, state: "open", failedTries: 0, createdAt: now });
  const consent = { dossierId: dossier.id, version: "2026-11-01", digest: new Uint8Array(32), at: now };
  await db.insert(consents).values([
    { ...consent, document: "terms" },
    { ...consent, document: "privacy" },
  ]);
}

beforeAll(async () => {
  bench = await DossierBench.open("postgresql");
  const { store } = bench.desk;
  const clock = { now: () => bench.now };
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
  const officerId = await bench.officer(["administrator", "verifier", "approver", "issuer", "helpdesk"], {
    givenName: "Anne",
    surname: "Martin",
  });
  cookie = (await officerCookie(store, officerId, bench.now)).cookie.replace("sceau-session=", "");
  verified = await bench.dossier({ surname: LONG_NAME, title: SCRIPT_NAME, email: `${"tres-longue-adresse-".repeat(4)}@exemple.example` });
  await fill(verified);
  due = await bench.dossier({ payment: "due", state: "identity_verified", organisationId: bench.companyId });
  failed = await bench.dossier({ state: "identity_failed", reason: "Le document n'est plus valable" });
  approved = await bench.dossier();
  await fill(approved);
  await approveDossier(bench.desk, approved.id, { officerId: bench.approverId, statusNote: "Tableau de l'Ordre consulté ce jour" });
}, STORE_START_LIMIT_MS + 60_000);

afterAll(async () => {
  await browser.close();
  await app.close();
  await bench.close();
});

type Language = "fr" | "en";

const ownCookie = (name: "session" | "account", value: string) => ({
  name: `__Host-${name}`,
  value,
  domain: "office.test",
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: "Strict" as const,
});

async function signedIn(language: Language, width: number, scheme: "light" | "dark" = "light"): Promise<BrowserContext> {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale, colorScheme: scheme, viewport: { width, height: 900 } });
  await context.addCookies([ownCookie("session", cookie)]);
  return context;
}

const go = (page: Page, path: string): Promise<unknown> => page.goto(`${ORIGIN}${path}`);
const submit = (page: Page): Promise<void> => page.locator("main form button").last().click();

function pages(): Record<string, (page: Page) => Promise<unknown>> {
  return {
    list: (page) => go(page, "/dossiers"),
    "list-approval": (page) => go(page, "/dossiers?list=approval"),
    "list-none": (page) => go(page, "/dossiers?list=over"),
    sheet: (page) => go(page, `/dossiers/${verified.id}`),
    "sheet-due": (page) => go(page, `/dossiers/${due.id}`),
    "sheet-failed": (page) => go(page, `/dossiers/${failed.id}`),
    "sheet-approved": (page) => go(page, `/dossiers/${approved.id}?done=approve`),
    approve: (page) => go(page, `/dossiers/${verified.id}/approve`),
    "approve-problems": async (page) => {
      await go(page, `/dossiers/${verified.id}/approve`);
      await submit(page);
    },
    "approve-refused": (page) => go(page, `/dossiers/${due.id}/approve`),
    "reject-problems": async (page) => {
      await go(page, `/dossiers/${verified.id}/reject`);
      await submit(page);
    },
    pay: (page) => go(page, `/dossiers/${due.id}/pay`),
    waive: (page) => go(page, `/dossiers/${due.id}/waive`),
    undo: (page) => go(page, `/dossiers/${verified.id}/undo`),
    reference: (page) => go(page, `/dossiers/${approved.id}/reference`),
    reopen: (page) => go(page, `/dossiers/${failed.id}/reopen`),
    cancel: (page) => go(page, `/dossiers/${verified.id}/cancel`),
    // From here on the applicant is signed in, too.
    "own-reference": async (page) => {
      const { cookie: own } = await accountCookie(bench.desk.store, approved.email, bench.now);
      await page.context().addCookies([ownCookie("account", own.replace("sceau-account=", ""))]);
      await go(page, `/my/dossiers/${approved.id}/reference`);
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
  ).filter(([language, width]) => isWalked(language, width === 360)),
)(
  "every page in %s, %i pixels wide, %s: axe finds nothing, nothing is too wide, all by keyboard",
  async (language, width, scheme) => {
    const context = await signedIn(language, width, scheme);
    const page = await context.newPage();
    const seen = watchPage(page, ORIGIN);
    for (const [name, come] of Object.entries(pages())) {
      await come(page);
      await judgePage(page, language, `dossier/${name}-${language}-${width}`);
      if (width === 360) expect(await keyboardFindings(page), name).toEqual([]);
    }
    expect(seen).toEqual([]);
    await context.close();
  },
  LIMIT_MS,
);

test(
  "S12: by keyboard alone from the work list to the approval",
  async () => {
    const dossier = await bench.dossier();
    const context = await signedIn("fr", 1280);
    const page = await context.newPage();
    await go(page, "/dossiers");
    await tabTo(page, "#q");
    await page.keyboard.type(dossier.number);
    await page.keyboard.press("Enter");
    await page.waitForURL("**q=**");
    await tabTo(page, `a[href="/dossiers/${dossier.id}"]`);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/dossiers/${dossier.id}`);
    await tabTo(page, `a[href$="/approve"]`);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/approve");
    await tabTo(page, "#confirmed");
    await page.keyboard.press("Space");
    await tabTo(page, "#note");
    await page.keyboard.type("Registre consulté : inscrite");
    await tabTo(page, "main form button");
    await page.keyboard.press("Enter");
    await page.waitForURL("**?done=approve");
    expect(await page.locator("[role=status]").textContent()).toContain("approuvée");
    expect(await bench.read(dossier.id)).toMatchObject({ state: "activation_ready", statusNote: "Registre consulté : inscrite" });
    await context.close();
  },
  LIMIT_MS,
);

// The pages of applicants and managers that no walk of test/house comes to, in a real browser: long names, what is wrong, every state; both languages, a
// desk's and a phone's width, in the dark, judged by axe-core. Pictures: test-output/pages/.

import { eq } from "drizzle-orm";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DOSSIER, type DossierState } from "../../office/states/dossier-states.ts";
import { dossiers } from "../../office/store/application-schema.ts";
import { type ApplicationClient, idIn } from "../support/application-client.ts";
import { ApplicationOffice } from "../support/application-office.ts";
import { isWalked, judgePage, keyboardFindings, openBrowser, watchPage } from "../support/browser.ts";
import { STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import type { OfficerCookie } from "../support/officer-cookie.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** In which a dossier is seen by test/house/apply-to-sign.test.ts. */
const WALKED: ReadonlySet<DossierState> = new Set(["submitted", "activation_ready", "active"]);
const LIMIT_MS = 600_000;
const LANGUAGES = ["fr", "en"] as const;
const WIDTHS = [1280, 360] as const;
const LONG = {
  givenName: "Marie-Antoinette Élisabeth",
  surname: "de la Rochefoucauld-Liancourt",
  title: "Ingénieure-conseil et experte agréée",
};
const REQUEST = {
  name: "Cabinet des conseils et experts agréés",
  country: "FR",
  managerName: "Nadia Benali",
  phone: "+33 1 23 45 67 89",
  users: "12",
};

let office: ApplicationOffice;
let browser: Browser;
let approver: OfficerCookie;
let made = 0;

beforeAll(async () => {
  office = await ApplicationOffice.open("pglite");
  approver = await office.officer(["approver", "administrator"]);
  const { hostname, port } = new URL(office.url);
  browser = await openBrowser({ host: hostname, port: Number(port), home: temporaryFolder() });
}, STORE_START_LIMIT_MS);
afterAll(async () => {
  await browser.close();
  await office.close();
});

interface Look {
  readonly language: (typeof LANGUAGES)[number];
  readonly width: number;
  readonly scheme?: "light" | "dark";
}

async function newPage({ language, width, scheme = "light" }: Look): Promise<{ context: BrowserContext; page: Page; seen: string[] }> {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  const context = await browser.newContext({ locale, viewport: { width, height: 800 }, colorScheme: scheme });
  const page = await context.newPage();
  return { context, page, seen: watchPage(page, office.url) };
}

/** The session of a client over HTTP goes on in the browser. */
const enter = (context: BrowserContext, { session }: ApplicationClient): Promise<void> =>
  context.addCookies([{ name: "sceau-account", value: session, url: office.url }]);

const enterAsOfficer = (context: BrowserContext, { cookie }: OfficerCookie): Promise<void> =>
  context.addCookies([{ name: "sceau-session", value: cookie.slice(cookie.indexOf("=") + 1), url: office.url }]);

const applicant = (language: string) => office.applicant(`applicant.${++made}@exemple-de-cabinet.fr`, language);
const setState = (id: string, state: DossierState, reason: string | null) =>
  office.bench.desk.store.db.update(dossiers).set({ state, reason }).where(eq(dossiers.id, id));

type Show = (name: string, path: string, then?: (page: Page) => Promise<unknown>) => Promise<void>;
const send = (page: Page) => page.locator("main form button:not(.quiet)").last().click();

async function formPages(lea: ApplicationClient, show: Show): Promise<void> {
  const id = await lea.begin();
  const part = (name: string): string => `/my/dossiers/${id}/${name}`;
  await show("application-details-problems", part("details"), async (page) => {
    await page.locator("#phone").fill("six");
    await send(page);
  });
  await lea.fillDetails(id, LONG);
  await show("application-questions-problems", part("questions"), async (page) => {
    await page.locator("#question1").selectOption("first-pet");
    await page.locator("#question2").selectOption("first-pet");
    await page.locator("#answer1").fill("Rex");
    await page.locator("#answer2").fill("rex");
    await send(page);
  });
  await lea.fillQuestions(id);
  await show("application-questions-kept", part("questions"));
  await show("application-consents-problems", part("consents"), send);
  await show("application-cancel-draft", part("cancel"));
  await lea.send(id);
  await show("application-cancel", part("cancel"));
  await show("application-cancel-problems", part("cancel"), async (page) => {
    await page.locator("#confirmation").fill("12345678");
    await send(page);
  });
  await show("apply-under-way", "/apply");
  for (const state of (Object.keys(DOSSIER.table) as DossierState[]).filter((each) => !WALKED.has(each))) {
    const reason = state === "identity_failed" || state === "rejected" ? "La pièce d'identité était expirée depuis trois mois." : null;
    await setState(id, state, reason);
    await show(`application-${state}`, `/my/dossiers/${id}`);
  }
}

/** What test/house/manager.test.ts does not come by: long names, what is wrong. */
async function corporatePages(manager: ApplicationClient, show: Show): Promise<string> {
  await show("corporate-request-problems", "/my/organisations/request", async (page) => {
    await page.locator("#users").fill("4");
    await send(page);
  });
  const id = idIn(await manager.done("/my/organisations/request", { ...REQUEST, office: office.bench.officeId }));
  await office.asOfficer(approver, `/organisations/${id}/open`, {});
  const email = `prenom-compose.de-la-rochefoucauld.${++made}@exemple-de-cabinet.fr`;
  await manager.done(`/my/organisations/${id}/invite`, { email, language: "fr" });
  const invited = await office.applicant(email);
  const dossierId = await invited.beginInvited();
  await invited.fillDetails(dossierId, { ...LONG, association: "" });
  await manager.done(`/my/organisations/${id}/invite`, { email: manager.email, language: "fr" });
  await show("corporate-people", `/my/organisations/${id}?done=sent`);
  await show("corporate-invite-problems", `/my/organisations/${id}`, async (page) => {
    await page.locator("#email").fill("no address");
    await page.locator("main form button").first().click();
  });
  return id;
}

test.each(
  LANGUAGES.flatMap((language) => WIDTHS.map((width) => [language, width] as const)).filter(([language, width]) =>
    isWalked(language, width === 360, "wide"),
  ),
)(
  "S9, S10, S11: %s: every page of applicants and managers at %i pixels: axe-core finds nothing, nothing sticks out",
  async (language, width) => {
    const { context, page, seen } = await newPage({ language, width });
    const show: Show = async (name, path, then) => {
      await page.goto(`${office.url}${path}`);
      await then?.(page);
      await judgePage(page, language, `${name}-${language}-${width}`);
      if (width === 360) expect(await keyboardFindings(page), name).toEqual([]);
    };
    const lea = await applicant(language);
    await enter(context, lea);
    await formPages(lea, show);
    const manager = await applicant(language);
    await enter(context, manager);
    const refused = idIn(await manager.done("/my/organisations/request", { ...REQUEST, office: office.bench.officeId }));
    await corporatePages(manager, show);

    await context.clearCookies();
    await enterAsOfficer(context, approver);
    await show("organisation-refuse", `/organisations/${refused}/refuse`);
    await show("organisation-refuse-problems", `/organisations/${refused}/refuse`, send);
    await show("organisations-associations", "/organisations");
    await show("association-new", "/associations/new");
    await show("association-new-problems", "/associations/new", send);
    const reason = "Cette organisation n'est pas au registre du commerce.";
    await office.asOfficer(approver, `/organisations/${refused}/refuse`, { confirmation: REQUEST.name, reason });
    await context.clearCookies();
    await enter(context, manager);
    await show("corporate-refused", `/my/organisations/${refused}`);
    expect(seen).toEqual([]);
    await context.close();
  },
  LIMIT_MS,
);

test(
  "in the dark, the form and the dossier have contrast enough",
  async () => {
    const { context, page } = await newPage({ language: "fr", width: 1280, scheme: "dark" });
    const lea = await applicant("fr");
    await enter(context, lea);
    const id = await lea.apply();
    for (const state of ["submitted", "identity_failed", "activation_ready", "active"] as const) {
      await setState(id, state, null);
      await page.goto(`${office.url}/my/dossiers/${id}`);
      await judgePage(page, "fr", `application-${state}-fr-dark`);
    }
    await page.goto(`${office.url}/my/organisations/request`);
    await judgePage(page, "fr", "corporate-request-fr-dark");
    await context.close();
  },
  LIMIT_MS,
);

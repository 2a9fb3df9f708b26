// S5, S16: the helpdesk over a whole office, in a real browser: finds a dossier, sees its state and never a secret, unlocks, sends another number that it does
// not see; nothing that other roles may is theirs. And the help page, as an administrator sets it and a holder reads it, in both languages. Pictures:
// test-output/pages/house/helpdesk-….

import { eq } from "drizzle-orm";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frenchSpaces } from "../../host-bridge/web/typography.ts";
import { answerActivation, MAX_ACTIVATION_TRIES, openActivation } from "../../office/activation/opening.ts";
import { dossiers, evidence, identityChecks } from "../../office/store/application-schema.ts";
import { auditEvents } from "../../office/store/schema.ts";
import { RIGHT_ANSWERS } from "../support/application-bench.ts";
import { isWalked, judgePage, keyboardFindings } from "../support/browser.ts";
import { forceForm } from "../support/forced-form.ts";
import { type Hands, KEYBOARD, MOUSE } from "../support/hands.ts";
import { type ActivatedDossier, type HouseDossier, HouseDossiers } from "../support/house-dossiers.ts";
import { mailed, mailsTo } from "../support/mail-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { HOUSE_START_LIMIT_MS, type Language, WholeHouse } from "../support/whole-house.ts";

const LIMIT_MS = 120_000;
const PHONE_WIDTH = 360;
const REFERENCE = /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/;
/** More pages than that are no office with three dossiers, but a walk in circles. */
const MOST_PAGES = 150;
const folder = temporaryFolder();

let house: WholeHouse;
let applied: HouseDossiers;
/** Somebody with a token in use, whose PUK and management key the office has. */
let active: ActivatedDossier;
const references: string[] = [];

beforeAll(async () => {
  house = await WholeHouse.open(folder);
  applied = new HouseDossiers(house);
  active = await applied.activated({ givenName: "Hugo", surname: "Lumière" });
  references.push(active.reference);
}, HOUSE_START_LIMIT_MS);
afterAll(async () => house?.close());

const WALKS: readonly (readonly [Language, number, Hands])[] = [
  ["fr", PHONE_WIDTH, MOUSE],
  ["en", 1280, KEYBOARD],
  ["fr", 1280, KEYBOARD],
  ["en", PHONE_WIDTH, MOUSE],
];

/** Pages are what links lead to; not what is downloaded, and not the same in the other language. */
const isPage = (link: string): boolean => /^\/(?!\/)/.test(link) && !/^\/(?:ca\/|crl\/)|[?&]lang=|\.(?:css|svg|cer|pem|crl)$/.test(link);
const linksIn = (html: string): string[] =>
  [...html.matchAll(/href="([^"]+)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&")).filter(isPage);

/** Every page that can be reached by links from these. @returns the HTML of each, by its address */
async function everyPage(page: Page, starts: readonly string[]): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const asked = new Set<string>();
  for (const next = [...starts]; next.length > 0; ) {
    const path = next.shift() ?? "";
    if (asked.has(path)) continue;
    asked.add(path);
    expect(asked.size, "walks in circles").toBeLessThan(MOST_PAGES);
    const answer = await page.context().request.get(`${house.url}${path}`);
    expect([path, answer.status(), answer.headers()["content-type"]]).toEqual([path, 200, "text/html; charset=utf-8"]);
    const html = await answer.text();
    pages.set(path, html);
    next.push(...linksIn(html));
  }
  return pages;
}

describe.each(WALKS.filter(([language, width]) => isWalked(language, width === PHONE_WIDTH, "wide")))(
  "%s, %i pixels",
  (language, width, hands) => {
    const look = { language, width };
    const told = (fr: string, en: string): string => (language === "fr" ? frenchSpaces(fr) : en);
    const seen = async (page: Page, name: string): Promise<void> => {
      await judgePage(page, language, `house/helpdesk-${name}-${language}-${width}`);
      if (width === PHONE_WIDTH) expect(await keyboardFindings(page), name).toEqual([]);
    };
    const status = (page: Page): Promise<string> => page.locator('main [role="status"]').first().innerText();
    const surname = `Périgord-${language}-${width}`;
    const windows: Page[] = [];
    const open = async (...options: Parameters<WholeHouse["window"]>): Promise<Page> => {
      const page = await house.window(...options);
      windows.push(page);
      return page;
    };

    let helpdesk: Page;
    let locked: HouseDossier & { readonly reference: string };

    beforeAll(async () => {
      locked = await applied.approved({ givenName: "Gaëlle", surname, language });
      references.push(locked.reference);
      const wrong = { ...RIGHT_ANSWERS, [Object.keys(RIGHT_ANSWERS)[0] ?? ""]: "somebody else" };
      for (let tries = 0; tries < MAX_ACTIVATION_TRIES; tries++)
        await answerActivation(house.office.applications, locked.reference, wrong).catch((error: { refusal: string }) => error.refusal);
      helpdesk = await open(look, {
        officer: await house.officer(["helpdesk"], { givenName: "Élise", surname: `Œuvrard ${language} ${width}` }),
      });
    }, LIMIT_MS);
    afterAll(async () => {
      for (const page of windows) await page.context().close();
    });

    test("S5: the helpdesk looks for a dossier, sees where it is and what is locked", { timeout: LIMIT_MS }, async () => {
      await helpdesk.goto(`${house.url}/dossiers?list=activation`);
      await hands.type(helpdesk, "#q", surname);
      await hands.follow(helpdesk, 'form[role="search"] button');
      await seen(helpdesk, "01-found");
      await hands.follow(helpdesk, `a[href="/dossiers/${locked.id}"]`);
      const sheet = await helpdesk.locator("main").innerText();
      for (const shown of [`Gaëlle ${surname}`, told("À activer", "To be activated"), told("Bloqué", "Locked"), told("Dispensé", "Waived")])
        expect(sheet).toContain(shown);
      expect(await helpdesk.locator('main a[href^="/identity/"], main img').count()).toBe(0);
      await seen(helpdesk, "02-sheet");
    });

    test("S5: no page of theirs has an answer, a reference number, a PUK or a management key, and no link leads where they may not go", {
      timeout: LIMIT_MS,
    }, async () => {
      const lists = ["waiting", "identity", "approval", "activation", "payment", "over"].map((list) => `/dossiers?list=${list}`);
      const pages = await everyPage(helpdesk, [
        ...lists,
        "/unlock",
        "/search?q=&kind=all",
        "/search?q=Lumi%C3%A8re",
        "/organisations",
        "/help",
      ]);
      for (const path of [`/dossiers/${locked.id}`, `/dossiers/${active.id}`, `/tokens/${active.serial}`])
        expect([...pages.keys()]).toContain(path);
      expect([...pages.keys()].some((path) => /^\/certificates\/[0-9a-f-]{36}$/.test(path))).toBe(true);
      expect(active.puk).toMatch(/^\d{8}$/);
      const secrets = [
        ...Object.values(RIGHT_ANSWERS),
        active.puk,
        active.managementKey,
        ...references.flatMap((text) => [text, text.replaceAll("-", "")]),
      ];
      for (const [path, html] of pages) {
        // Long numbers are shown in groups, each an element of its own.
        const text = html.replace(/<[^>]*>/g, "");
        for (const secret of secrets) expect(html.includes(secret) || text.includes(secret), `${path} has ${secret}`).toBe(false);
        expect(html.includes("/identity/evidence/"), path).toBe(false);
      }
    });

    test("S5: what other roles may is refused, by link and by form; nothing changes", { timeout: LIMIT_MS }, async () => {
      const { db } = house.store;
      const read = async () => (await db.select().from(dossiers).where(eq(dossiers.id, locked.id)))[0];
      const [picture] = await db.select({ id: evidence.id }).from(evidence).where(eq(evidence.dossierId, locked.id));
      const [check] = await db.select({ id: identityChecks.id }).from(identityChecks).where(eq(identityChecks.dossierId, locked.id));
      const before = await read();
      const { id } = locked;
      const others = ["/desk", `/desk/${id}`, "/identity", "/identity/slots", `/identity/checks/${check?.id}`];
      const dossier = ["approve", "reject", "pay", "waive", "undo", "reopen", "cancel"].map((action) => `/dossiers/${id}/${action}`);
      const tokens = [
        "/token-secrets",
        `/tokens/${active.serial}/secrets`,
        `/tokens/${active.serial}/lose`,
        `/tokens/${active.serial}/receipt`,
      ];
      const office = ["/officers", "/audit", "/settings", "/settings/help", "/settings/terms", "/associations/new"];
      for (const path of [...others, ...dossier, ...tokens, ...office]) {
        const answer = await helpdesk.context().request.get(`${house.url}${path}`);
        expect([path, answer.status(), answer.headers()["content-type"]]).toEqual([path, 403, "text/html; charset=utf-8"]);
      }
      // Somebody's papers are not even there.
      const papers = await helpdesk.context().request.get(`${house.url}/identity/evidence/${picture?.id}`);
      expect([papers.status(), papers.headers()["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
      const forms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
        [`/desk/${id}`]: { confirmation: "yes" },
        [`/dossiers/${id}/cancel`]: { note: "Annulé par l'assistance", confirmation: before?.number ?? "" },
        [`/tokens/${active.serial}/secrets`]: { reason: "La porteuse est au téléphone." },
        "/settings/help": { email: "ailleurs@exemple.example" },
      };
      for (const [path, fields] of Object.entries(forms))
        expect(await forceForm(helpdesk, path, fields), path).toMatchObject({
          status: 403,
          title: told("Action non permise", "Not permitted"),
        });
      expect(await read()).toEqual(before);
      const own = await helpdesk.goto(`${house.url}/my/dossiers/${id}`);
      expect([own?.status(), await helpdesk.locator("#email").count()]).toEqual([401, 1]);
      await helpdesk.goto(`${house.url}/token-secrets`);
      await seen(helpdesk, "03-refused");
    });

    test("S5: unlocks after a call back, with a reason on record; the holder is told, and has five tries again", {
      timeout: LIMIT_MS,
    }, async () => {
      await helpdesk.goto(`${house.url}/unlock`);
      await seen(helpdesk, "04-locked");
      const links = helpdesk.locator("tr", { hasText: locked.email }).locator('a[href^="/unlock/activation/"]');
      const path = (await links.getAttribute("href")) ?? "";
      await hands.follow(helpdesk, `a[href="${path}"]`);
      await hands.follow(helpdesk, `form[action="${path}"] button`);
      expect(await helpdesk.locator("#reason-problem").count()).toBe(1);
      await seen(helpdesk, "05-why");
      const reason = told("Rappelée au numéro de son dossier.", "Called back at the dossier's number.");
      await hands.type(helpdesk, "#reason", reason);
      await hands.follow(helpdesk, `form[action="${path}"] button`);
      expect(await status(helpdesk)).toBe(told("C'est débloqué ; un message est parti.", "It is unlocked; a mail is on its way."));
      expect(await helpdesk.locator("main").innerText()).not.toContain(locked.email);
      await mailed(house.mails, locked.email, language === "fr" ? /débloqué/ : /unlocked/);
      expect((await openActivation(house.office.applications, locked.reference)).triesLeft).toBe(MAX_ACTIVATION_TRIES);
      const events = await house.store.db.select().from(auditEvents).where(eq(auditEvents.action, "activation.unlock"));
      expect(events.at(-1)?.details).toMatchObject({ reason, dossier: locked.id });
    });

    test("S5, S15: sends another number to the holder's mailbox, and does not see it", { timeout: LIMIT_MS }, async () => {
      const path = `/dossiers/${locked.id}/reference`;
      const before = mailsTo(house.mails, locked.email).length;
      await helpdesk.goto(`${house.url}/dossiers/${locked.id}`);
      await hands.follow(helpdesk, `a[href="${path}"]`);
      await seen(helpdesk, "06-another-number");
      await hands.follow(helpdesk, `form[action="${path}"] button`);
      const reference = await mailed(house.mails, locked.email, REFERENCE, { after: before });
      references.push(reference);
      expect(reference).not.toBe(locked.reference);
      expect(await helpdesk.content()).not.toContain(reference);
      await seen(helpdesk, "07-number-sent");
    });

    test("S16: an administrator sets the help page; the holder reads it, in both languages", { timeout: LIMIT_MS }, async () => {
      const administrator = await open(look, {
        officer: await house.officer(["administrator"], { surname: `Réglages ${language} ${width}` }),
      });
      await administrator.goto(`${house.url}/settings`);
      await seen(administrator, "08-settings");
      await hands.follow(administrator, 'a[href="/settings/help"]');
      const place = `${language}-${width}`;
      const HELP = {
        email: `aide.${place}@bureau.example`,
        phone: "+33 2 35 98 76 54",
        hoursFr: `Du lundi au vendredi, de 9 h à 17 h (${place})`,
        faqFr: `Où est mon jeton ?\nIl vous est remis au guichet, ${place}.`,
        videosFr: "Premiers pas | https://video.example/premiers-pas",
        webinarFr: "Chaque mardi | https://video.example/mardi",
        hoursEn: `Monday to Friday, 9 to 17 (${place})`,
        faqEn: `Where is my token?\nIt is handed to you at the desk, ${place}.`,
        videosEn: "First steps | https://video.example/first-steps",
        webinarEn: "Every Tuesday | https://video.example/tuesday",
      };
      for (const [name, text] of Object.entries(HELP)) await hands.type(administrator, `#${name}`, text);
      await seen(administrator, "09-settings-help");
      await hands.follow(administrator, 'form[action="/settings/help"] button');
      expect(await status(administrator)).toBe(told("C'est enregistré.", "It is saved."));

      const holder = await open(look, { email: active.email });
      await holder.goto(`${house.url}/account`);
      await hands.follow(holder, 'nav a[href="/help"]');
      const WORDS = {
        fr: [HELP.hoursFr, "Où est mon jeton", "Premiers pas", "Chaque mardi", "sceau doctor"],
        en: [HELP.hoursEn, "Where is my token?", "First steps", "Every Tuesday", "sceau doctor"],
      };
      for (const each of [language, language === "fr" ? "en" : "fr"] as const) {
        if (each !== language) await hands.follow(holder, `a[hreflang="${each}"]`);
        const text = await holder.locator("main").innerText();
        for (const part of [HELP.email, HELP.phone, ...WORDS[each]]) expect(text).toContain(part);
        await judgePage(holder, each, `house/helpdesk-10-help-${each}-${width}`);
      }
    });
  },
);

test("S5: no answer and no number is in the log, and no page failed", () => {
  const log = house.office.log.join("\n");
  for (const secret of [...Object.values(RIGHT_ANSWERS), ...references, active.puk, active.managementKey])
    expect(log).not.toContain(secret);
  expect(house.office.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
});

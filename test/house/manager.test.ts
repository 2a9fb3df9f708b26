// S2, S8, S9: a manager and the manager's people, in a real browser over a whole office. Five users or more: the account is asked for, opened by an officer,
// and people are invited, who apply alone. Fewer: each application is paid by itself. On a phone in French by keyboard alone, on a wide screen in English
// with a mouse. Pictures: test-output/pages/house/manager-….

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frenchSpaces } from "../../host-bridge/web/typography.ts";
import { ANSWER_FIELDS, idIn } from "../support/application-client.ts";
import { isWalked, judgePage } from "../support/browser.ts";
import { forceForm } from "../support/forced-form.ts";
import { type Hands, KEYBOARD, MOUSE } from "../support/hands.ts";
import { HouseDossiers } from "../support/house-dossiers.ts";
import { mailed, mailsTo } from "../support/mail-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { HOUSE_START_LIMIT_MS, type Language, WholeHouse } from "../support/whole-house.ts";

const LIMIT_MS = 120_000;
const PHONE_WIDTH = 360;
const PHONE_NUMBER = "+33 2 35 11 22 33";
const folder = temporaryFolder();

let house: WholeHouse;
let applied: HouseDossiers;
beforeAll(async () => {
  house = await WholeHouse.open(folder);
  applied = new HouseDossiers(house);
}, HOUSE_START_LIMIT_MS);
afterAll(async () => house?.close());

const WALKS: readonly (readonly [Language, number, Hands])[] = [
  ["fr", PHONE_WIDTH, KEYBOARD],
  ["en", 1280, MOUSE],
  ["fr", 1280, MOUSE],
  ["en", PHONE_WIDTH, KEYBOARD],
];

describe.each(WALKS.filter(([language, width]) => isWalked(language, width === PHONE_WIDTH, "phone")))(
  "%s, %i pixels",
  (language, width, hands) => {
    const look = { language, width };
    const company = `Cabinet Benali ${language} ${width}`;
    const mailbox = (name: string): string => `${name}.${language}.${width}@cabinet.example`;
    const told = (fr: string, en: string): string => (language === "fr" ? frenchSpaces(fr) : en);
    const seen = (page: Page, name: string): Promise<void> => judgePage(page, language, `house/manager-${name}-${language}-${width}`);
    const status = (page: Page): Promise<string> => page.locator('main [role="status"]').first().innerText();
    const textOf = (page: Page): Promise<string> => page.locator("main").innerText();
    const nobody = told("Page introuvable", "Nothing there");

    let manager: Page;
    let invited: Page;
    let address = "";
    let dossierId = "";
    const windows: Page[] = [];
    const open = async (...options: Parameters<WholeHouse["window"]>): Promise<Page> => {
      const page = await house.window(...options);
      windows.push(page);
      return page;
    };
    afterAll(async () => {
      for (const page of windows) await page.context().close();
    });

    test("S2, S9: four users are too few; five ask, and nothing else goes on before an officer opens the account", {
      timeout: LIMIT_MS,
    }, async () => {
      manager = await open(look, { email: mailbox("nadia") });
      await manager.goto(`${house.url}/apply`);
      await hands.follow(manager, 'a[href="/my/organisations/request"]');
      const request = 'main form[action="/my/organisations/request"] button';
      for (const [field, text] of Object.entries({ name: company, managerName: "Nadia Benali", phone: PHONE_NUMBER, users: "4" }))
        await hands.type(manager, `#${field}`, text);
      await hands.follow(manager, request);
      expect(await manager.locator("#users-problem").innerText()).toBe(
        told("Un compte corporatif s'ouvre à partir de cinq personnes.", "A corporate account needs five people or more."),
      );
      expect(await manager.locator("#name").inputValue()).toBe(company);
      await seen(manager, "01-too-few");
      await hands.type(manager, "#users", "5");
      await hands.follow(manager, request);
      address = new URL(manager.url()).pathname;
      expect(await status(manager)).toBe(
        told(
          "Votre demande est reçue. Un agent du bureau l'examine ; un message vous dira la suite.",
          "Your request has arrived. An officer looks at it; a mail will tell you what follows.",
        ),
      );
      expect(await manager.locator("#email").count()).toBe(0);
      await seen(manager, "02-requested");
      const early = await forceForm(manager, `${address}/invite`, { email: mailbox("early"), language });
      expect(early).toMatchObject({ status: 409, title: told("Compte corporatif non ouvert", "Corporate account not open") });
      expect(mailsTo(house.mails, mailbox("early"))).toEqual([]);
    });

    test("S7, S9: an officer reads the request and opens the account", { timeout: LIMIT_MS }, async () => {
      const officer = await open(look, {
        officer: await house.officer(["approver"], { givenName: "Chloé", surname: `Moreau ${language} ${width}` }),
      });
      const sheet = address.replace("/my/", "/");
      await officer.goto(`${house.url}/organisations`);
      await hands.follow(officer, `a[href="${sheet}"]`);
      const text = await textOf(officer);
      for (const known of ["Nadia Benali", mailbox("nadia"), PHONE_NUMBER]) expect(text).toContain(known);
      await seen(officer, "03-officer-sheet");
      await hands.follow(officer, `a[href="${sheet}/open"]`);
      await seen(officer, "04-officer-open");
      await hands.follow(officer, `main form[action="${sheet}/open"] button`);
      expect(await status(officer)).toBe(told("L'organisation est ouverte.", "The organisation is open."));
    });

    test("S2: the mail leads the manager there, who proves the mailbox and invites two people", { timeout: LIMIT_MS }, async () => {
      const link = await mailed(house.mails, mailbox("nadia"), /(http:\S+\/my\/organisations\/[0-9a-f-]{36})/);
      expect(link).toBe(`${house.url}${address}`);
      manager = await open(look);
      await manager.goto(link);
      const before = mailsTo(house.mails, mailbox("nadia")).length;
      await hands.type(manager, "#email", mailbox("nadia"));
      await hands.follow(manager, "main form button");
      await hands.type(manager, "#code", await mailed(house.mails, mailbox("nadia"), /\b(\d{4} ?\d{4})\b/, { after: before }));
      await hands.follow(manager, "main form button");
      expect(new URL(manager.url()).pathname).toBe(address);
      for (const name of ["iris", "omer"]) {
        await hands.type(manager, "#email", mailbox(name));
        await hands.choose(manager, "#language", language);
        await hands.follow(manager, `main form[action="${address}/invite"] button`);
        expect(await status(manager)).toBe(told("L'invitation est partie.", "The invitation is on its way."));
        await mailed(house.mails, mailbox(name), /\/apply\b/);
      }
      await seen(manager, "05-invited");
    });

    test("S2, S10: one accepts and applies alone; the manager can't fill it in, and sees how far it is", {
      timeout: LIMIT_MS,
    }, async () => {
      invited = await open(look, { email: mailbox("iris") });
      await invited.goto(`${house.url}/apply`);
      expect(await textOf(invited)).toContain(company);
      await seen(invited, "06-invitation");
      await hands.follow(invited, 'main form:has([name="invitation"]) button');
      dossierId = idIn(invited.url());
      await manager.goto(`${house.url}${address}`);
      expect(await textOf(manager)).toContain(told("En cours de saisie", "Being filled in"));
      for (const part of ["", "/details", "/questions", "/consents", "/evidence"]) {
        const answer = await manager.goto(`${house.url}/my/dossiers/${dossierId}${part}`);
        expect([answer?.status(), await manager.locator("h1").innerText()], part).toEqual([404, nobody]);
      }
      const typed = { givenName: "Nadia", surname: "Benali", phone: PHONE_NUMBER, language, association: "", title: "", memberNumber: "" };
      expect(await forceForm(manager, `/my/dossiers/${dossierId}/details`, typed)).toMatchObject({ status: 404, title: nobody });

      for (const [field, text] of Object.entries({ givenName: "Iris", surname: "Benali-Faron", phone: "+33 6 98 76 54 32" }))
        await hands.type(invited, `#${field}`, text);
      await hands.follow(invited, 'main form[action$="/details"] button');
      for (const [name, value] of Object.entries(ANSWER_FIELDS)) {
        if (name.startsWith("question")) await hands.choose(invited, `#${name}`, value);
        else await hands.type(invited, `#${name}`, value);
      }
      await hands.follow(invited, 'main form[action$="/questions"] button');
      for (const name of ["terms", "privacy"]) await hands.tick(invited, `#${name}`);
      await hands.follow(invited, 'main form[action$="/consents"] button');
      expect(await textOf(invited)).toContain(told("Réglé par votre organisation", "Paid by your organisation"));
    });

    test("S2, S8: the manager sees the cabinet's people and their states, never what is in a dossier; ends the other invitation", {
      timeout: LIMIT_MS,
    }, async () => {
      const other = await open(look, { email: mailbox("omer") });
      await other.goto(`${house.url}/apply`);
      await manager.goto(`${house.url}${address}`);
      const people = await textOf(manager);
      for (const shown of ["Iris Benali-Faron", mailbox("iris"), told("Identité à vérifier", "Identity to be checked")])
        expect(people).toContain(shown);
      const html = await manager.content();
      for (const inside of [...Object.values(ANSWER_FIELDS), "+33 6 98 76 54 32", dossierId]) expect(html).not.toContain(inside);
      await seen(manager, "07-people");
      const invitation = await manager
        .locator("tr", { hasText: mailbox("omer") })
        .locator('[name="invitation"]')
        .inputValue();
      await hands.follow(manager, `form:has([value="${invitation}"]) button`);
      expect(await status(manager)).toBe(told("L'invitation est retirée.", "The invitation is withdrawn."));
      expect(await textOf(manager)).not.toContain(mailbox("omer"));
      await seen(manager, "08-ended");
      // The page that the other one had open is of no use any more, and says whom to ask.
      await hands.follow(other, 'main form:has([name="invitation"]) button');
      expect(await other.locator("h1").innerText()).toBe(told("Invitation sans effet", "Invitation of no effect"));
      await seen(other, "09-invitation-ended");
    });

    /** An officer decides about the payment on the dossier's sheet, by a form that wants to know why. */
    async function decide(officer: Page, id: string, action: "pay" | "waive", why: string): Promise<void> {
      const sheet = `/dossiers/${id}`;
      await hands.follow(officer, `a[href="${sheet}/${action}"]`);
      await hands.follow(officer, `main form[action="${sheet}/${action}"] button`);
      expect(await officer.locator("#note-problem").count()).toBe(1);
      await hands.type(officer, "#note", why);
      await seen(officer, `11-${action}`);
      await hands.follow(officer, `main form[action="${sheet}/${action}"] button`);
      const text = await textOf(officer);
      for (const part of [why, `Sonia Caisse ${language} ${width}`]) expect(text).toContain(part);
    }

    async function expectOwn(id: string, email: string, payment: string): Promise<void> {
      const own = await open(look, { email });
      await own.goto(`${house.url}/my/dossiers/${id}`);
      expect(await textOf(own)).toContain(payment);
    }

    test("S9: below five each application is paid by itself: nobody approves before an officer marks it paid or waived, with who and why", {
      timeout: LIMIT_MS,
    }, async () => {
      const officer = await open(look, {
        officer: await house.officer(["approver"], { givenName: "Sonia", surname: `Caisse ${language} ${width}` }),
      });
      const due = await applied.verified({ givenName: "Paul", surname: `Seul-${language}-${width}`, language });
      const honoured = await applied.submitted({ givenName: "Anne", surname: `Seule-${language}-${width}`, language });
      await officer.goto(`${house.url}/dossiers?list=payment`);
      await seen(officer, "10-payments-due");
      await hands.follow(officer, `a[href="/dossiers/${due.id}"]`);
      expect(await officer.locator(".warning").innerText()).toContain(
        told(
          "Le paiement est encore dû. Il faut d'abord le noter, ou en dispenser.",
          "The payment is still due. Mark it, or waive it, first.",
        ),
      );
      expect(await officer.locator(`a[href="/dossiers/${due.id}/approve"]`).count()).toBe(0);
      await decide(officer, due.id, "pay", "Reçu de carte 2026-118");
      expect(await officer.locator(`a[href="/dossiers/${due.id}/approve"]`).count()).toBe(1);
      await expectOwn(due.id, due.email, told("Réglé", "Paid"));
      await officer.goto(`${house.url}/dossiers/${honoured.id}`);
      await decide(officer, honoured.id, "waive", "Membre d'honneur, décision du bureau");
      await seen(officer, "12-waived");
      await expectOwn(honoured.id, honoured.email, told("Dispensé", "Waived"));
    });
  },
);

test("S10: no page failed, and no answer is in the log", () => {
  expect(house.office.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
  const log = house.office.log.join("\n");
  for (const answer of ["Camille Le Goff", "Médor", PHONE_NUMBER]) expect(log).not.toContain(answer);
});

// S7, S15: at an officer's desk. The person and a blank token are there: it is formatted, its PIN chosen by the holder, the key made, the certificate
// written, on one page of the office and one of the agent. Then the token's emergency codes leave the office once, by two people's hands; and what is issued
// and not proved lapses by the clock. A real browser over a whole office and the real agent. Pictures: test-output/pages/house/desk-….

import { and, eq } from "drizzle-orm";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frenchSpaces } from "../../host-bridge/web/typography.ts";
import { DAY_MS } from "../../office/issuance/clock.ts";
import { dossiers } from "../../office/store/application-schema.ts";
import { auditEvents, certificates } from "../../office/store/schema.ts";
import { OBJECT_SIGNATURE_CERTIFICATE } from "../../protocol/piv.ts";
import type { AgentBench } from "../support/agent-bench.ts";
import { isWalked, judgePage } from "../support/browser.ts";
import { forceForm } from "../support/forced-form.ts";
import { type Hands, KEYBOARD, MOUSE } from "../support/hands.ts";
import { HouseDossiers } from "../support/house-dossiers.ts";
import { mailed, mailsTo } from "../support/mail-folder.ts";
import { ascii, type SimulatedToken } from "../support/simulated-token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { HOUSE_START_LIMIT_MS, type Language, WholeHouse } from "../support/whole-house.ts";

const LIMIT_MS = 120_000;
const PHONE_WIDTH = 360;
const PIN = "57390264";
const NEW_PIN = "60481937";
const PHRASE = "le phare veille sur l'estuaire";
const REASON = {
  fr: "La porteuse est au guichet, a montré sa carte d'identité, et a bloqué par mégarde le PIN de son jeton : elle l'a tapé trois fois de travers.",
  en: "The holder is at the desk, has shown an identity card, and has blocked the token's PIN by mistake: it was typed wrongly three times.",
};
const AGENT_LINK = 'a[href^="http://127.0.0.1:8757/request?"]';
const folder = temporaryFolder();

let house: WholeHouse;
let applied: HouseDossiers;
beforeAll(async () => {
  house = await WholeHouse.open(folder);
  applied = new HouseDossiers(house);
}, HOUSE_START_LIMIT_MS);
afterAll(async () => house?.close());

const dossierOf = async (id: string) => (await house.store.db.select().from(dossiers).where(eq(dossiers.id, id)))[0];

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
    // Long, and with what people write one way here and another there.
    const surname = `de la Rochefoucauld-Liancourt ${language} ${width}`;
    const officerName = `Marie-Amélie ${surname}`;
    const told = (fr: string, en: string): string => (language === "fr" ? frenchSpaces(fr) : en);
    const seen = async (page: Page, name: string): Promise<void> => {
      await page.waitForLoadState("load");
      await judgePage(page, language, `house/desk-${name}-${language}-${width}`);
    };
    const status = (page: Page): Promise<string> => page.locator('main [role="status"]').first().innerText();
    const alert = (page: Page): Promise<string> => page.locator('main [role="alert"]').innerText();
    const windows: Page[] = [];
    const open = async (...options: Parameters<WholeHouse["window"]>): Promise<Page> => {
      const page = await house.window(...options);
      windows.push(page);
      return page;
    };

    let agent: AgentBench;
    let desk: Page;
    let token: SimulatedToken;
    let serial: string;

    beforeAll(async () => {
      agent = await house.agent(PHRASE);
      ({ token, serial } = await house.blankToken());
      desk = await open(look, { agent, officer: await house.officer(["issuer"], { givenName: "Marie-Amélie", surname }) });
    });
    afterAll(async () => {
      for (const page of windows) await page.context().close();
    });

    test("S15: the officer opens the activation, the holder chooses the PIN, and the certificate is active", {
      timeout: LIMIT_MS,
    }, async () => {
      const who = await applied.approved({ givenName: "Irène", surname: `Faron-${language}-${width}`, language });
      const path = `/desk/${who.id}`;
      await desk.goto(`${house.url}/desk`);
      await seen(desk, "01-list");
      await hands.follow(desk, `a[href="${path}"]`);
      await hands.follow(desk, `main form[action="${path}"] button`);
      expect(await desk.locator("#confirmation-problem").count()).toBe(1);
      await seen(desk, "02-not-confirmed");
      await hands.tick(desk, "#confirmation");
      await hands.follow(desk, `main form[action="${path}"] button`);
      await seen(desk, "03-hand-over");
      await hands.follow(desk, AGENT_LINK);
      expect(new URL(desk.url()).origin).toBe(agent.address);
      await hands.type(desk, "#host", "127.0.0.1");
      await hands.follow(desk, 'main form[action="/request/trust"] button');
      await agent.plugIn(token);
      await desk.locator("#pin").waitFor();
      const asked = await desk.locator("main").innerText();
      for (const shown of [PHRASE, "Bureau de Rouen", house.url, `Irène Faron-${language}-${width}`]) expect(asked).toContain(shown);
      await seen(desk, "04-agent-pin");
      await hands.type(desk, "#pin", PIN);
      await hands.type(desk, "#again", PIN);
      await hands.follow(desk, "form.consent button:not(.quiet)");
      await desk.waitForURL(`${house.url}/activate/after/*?desk`);
      expect(await status(desk)).toBe(
        told("Le certificat est actif. La personne peut signer.", "The certificate is active. The person can sign."),
      );
      await seen(desk, "05-active");
      await hands.follow(desk, 'main a[href="/desk"]');
      expect(await desk.locator(`a[href="${path}"]`).count()).toBe(0);

      expect(await dossierOf(who.id)).toMatchObject({ state: "active", tokenSerial: serial });
      const client = token.client();
      await client.verifyPin(ascii(PIN));
      expect(await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE)).not.toBeNull();
      client.close();
    });

    test("S15: PUK and management key: asked by one officer, agreed to by another person, shown once; on record", {
      timeout: LIMIT_MS,
    }, async () => {
      const kept = agent.secrets.find(serial);
      const [puk, managementKey] = [kept?.puk ?? "", kept?.managementKey ?? ""];
      const ask = `/tokens/${serial}/secrets`;
      await desk.goto(`${house.url}/tokens/${serial}`);
      await hands.follow(desk, `a[href="${ask}"]`);
      await hands.type(desk, "#reason", "PIN");
      await hands.follow(desk, `main form[action="${ask}"] button`);
      expect(await desk.locator("#reason-problem").count()).toBe(1);
      await hands.type(desk, "#reason", told(REASON.fr, REASON.en));
      await seen(desk, "06-ask");
      await hands.follow(desk, `main form[action="${ask}"] button`);
      const release = new URL(desk.url()).pathname;
      expect(await desk.locator('main form[action$="/agree"], form[action$="/show"]').count()).toBe(0);
      await seen(desk, "07-asked");
      const isYou = told(
        "Vous avez fait cette demande, ou quelqu'un qui est peut-être vous : un autre agent doit décider.",
        "You have asked, or somebody who may be you: another officer has to decide.",
      );
      expect(await forceForm(desk, `${release}/agree`)).toMatchObject({ status: 409, alert: isYou });
      expect((await forceForm(desk, `${release}/show`)).status).toBe(409);

      // The same name in another spelling, under another account.
      const again = await open(look, {
        officer: await house.officer(["issuer"], { givenName: "Marie Amelie", surname: surname.toUpperCase() }),
      });
      await again.goto(`${house.url}${release}`);
      await hands.follow(again, 'main form[action$="/agree"] button');
      expect(await alert(again)).toBe(isYou);
      await seen(again, "08-same-person");

      const other = await open(look, {
        officer: await house.officer(["issuer"], { givenName: "Fanny", surname: `Issoire ${language} ${width}` }),
      });
      await other.goto(`${house.url}/token-secrets`);
      await hands.follow(other, `main a[href="${release}"]`);
      await seen(other, "09-to-decide");
      await hands.follow(other, 'main form[action$="/agree"] button');
      expect(await status(other)).toBe(told("La demande est acceptée.", "The request is agreed to."));
      expect((await forceForm(other, `${release}/show`)).alert).toBe(
        told("Seul l'agent qui les a demandés voit ces codes.", "Only the officer who asked sees these codes."),
      );

      await desk.goto(`${house.url}${release}`);
      await hands.follow(desk, 'main form[action$="/show"] button');
      const shown = (await desk.locator("main").textContent()) ?? "";
      expect([puk.length, shown.includes(puk), shown.includes(managementKey)]).toEqual([8, true, true]);
      await seen(desk, "10-shown");
      const client = token.client();
      await client.unblockPin(ascii(puk), ascii(NEW_PIN));
      await client.verifyPin(ascii(NEW_PIN));
      client.close();
    });

    test("S15: a second release is refused, of the same request and of a new one; the audit trail tells who did what", {
      timeout: LIMIT_MS,
    }, async () => {
      await desk.goto(`${house.url}/token-secrets`);
      await seen(desk, "11-list");
      const [release = ""] = await desk.locator("main th a").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
      expect(await forceForm(desk, `${release}/show`)).toMatchObject({
        status: 409,
        alert: told("Cette demande est terminée : refusée, déjà montrée, ou expirée.", "This request is over: refused, shown, or expired."),
      });
      await desk.goto(`${house.url}/tokens/${serial}`);
      expect(await desk.locator(`a[href="/tokens/${serial}/secrets"]`).count()).toBe(0);
      const before = told("ont déjà été montrés", "were shown before");
      expect(await desk.locator("main").innerText()).toContain(before);
      await seen(desk, "12-token-released");
      await desk.goto(`${house.url}/tokens/${serial}/secrets`);
      expect(await alert(desk)).toContain(before);
      expect(await desk.locator("#reason").count()).toBe(0);
      await seen(desk, "13-second-refused");

      const auditor = await open(look, {
        officer: await house.officer(["auditor"], { givenName: "Farid", surname: `Benali ${language} ${width}` }),
      });
      await auditor.goto(`${house.url}/audit?q=secrets`);
      const of = and(eq(auditEvents.subject, `token:${serial}`));
      const events = await house.store.db.select().from(auditEvents).where(of).orderBy(auditEvents.number);
      const releases = events.filter(({ action }) => action.startsWith("secrets."));
      expect(releases.map(({ action }) => action)).toEqual(["secrets.store", "secrets.ask", "secrets.agree", "secrets.show"]);
      const [stored, asked, agreed, shown] = releases.map(({ actor }) => actor);
      expect([asked === stored, shown === asked, agreed === asked]).toEqual([true, true, false]);
      const trail = await auditor.locator("main").innerText();
      for (const told of ["secrets.show", officerName, `Fanny Issoire ${language} ${width}`]) expect(trail).toContain(told);
      await seen(auditor, "14-audit");
    });
  },
);

test("S15: issued at the desk and not proved within 14 days: revoked by the office's own clock, and another number is mailed", {
  timeout: LIMIT_MS,
}, async () => {
  const { store } = house;
  const who = await applied.activated({ givenName: "Jean", surname: "Châtelain" }, false);
  const { certificateId } = (await dossierOf(who.id)) ?? {};
  const stateOf = async () =>
    (
      await store.db
        .select()
        .from(certificates)
        .where(eq(certificates.id, certificateId ?? ""))
    )[0]?.state;
  expect(await stateOf()).toBe("issued");
  const before = mailsTo(house.mails, who.email).length;
  house.pass(14 * DAY_MS);
  const next = await mailed(house.mails, who.email, /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/, { after: before });
  expect(next).not.toBe(who.reference);
  expect(await stateOf()).toBe("revoked");
  expect(await dossierOf(who.id)).toMatchObject({ state: "activation_ready", certificateId: null, tokenSerial: null });
});

test("neither PIN nor PUK nor management key is in the office's log or the agent's events; no page failed", () => {
  const log = house.office.log.join("\n");
  for (const secret of [PIN, NEW_PIN, "28460917"]) expect(log).not.toContain(secret);
  expect(house.office.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
});

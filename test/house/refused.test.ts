// What has to be refused on the way from application to signature, in a real browser over a whole office and the real agent: each by a page that says what to
// do. On a phone in French, on a wide screen in English. Pictures: test-output/pages/house/refused-….

import { desc, eq } from "drizzle-orm";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TrustedOffices } from "../../host-bridge/agent/trust/trusted-offices.ts";
import { agentRequests, dossiers, evidence } from "../../office/store/application-schema.ts";
import { PHRASE } from "../support/agent-bench.ts";
import { RIGHT_ANSWERS } from "../support/application-bench.ts";
import { isWalked, judgePage } from "../support/browser.ts";
import { HTML } from "../support/evidence-files.ts";
import { MOUSE } from "../support/hands.ts";
import { HouseDossiers } from "../support/house-dossiers.ts";
import { mailed, mailsTo } from "../support/mail-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { HOUSE_START_LIMIT_MS, type Look, WholeHouse, type WindowOf } from "../support/whole-house.ts";
import { AGENT_LINK } from "./apply-to-sign-holder.ts";

const PHONE_WIDTH = 360;
const LIMIT_MS = 120_000;
const MINUTE_MS = 60_000;
const REQUIRED = { fr: "Ce champ est obligatoire.", en: "This field is needed." };
const { follow, type, choose } = MOUSE;

let house: WholeHouse;
let people: HouseDossiers;
beforeAll(async () => {
  house = await WholeHouse.open(temporaryFolder());
  people = new HouseDossiers(house);
}, HOUSE_START_LIMIT_MS);
afterAll(async () => house?.close());

describe.each(
  (
    [
      ["fr", PHONE_WIDTH],
      ["en", 1280],
      ["fr", 1280],
      ["en", PHONE_WIDTH],
    ] as const
  ).filter(([language, width]) => isWalked(language, width === PHONE_WIDTH, "wide")),
)("%s, %i pixels", (language, width) => {
  const look: Look = { language, width };
  const open: Page[] = [];
  const window = async (whose: WindowOf = {}): Promise<Page> => {
    const page = await house.window(look, whose);
    open.push(page);
    return page;
  };
  afterAll(async () => {
    for (const page of open) await page.context().close();
  });

  /** The page says so, in the language that is walked in. @param name of its picture: it is as good as any other page; null: it was seen before */
  async function says(page: Page, name: string | null, fr: string, en: string): Promise<void> {
    const text = (await page.locator("main").innerText()).replaceAll(/\s+/g, " ");
    expect(text).toContain(language === "fr" ? fr : en);
    if (name !== null) await judgePage(page, language, `house/refused-${name}-${language}-${width}`);
  }

  const named = (surname: string) => ({ givenName: "Ada", surname: `${surname}-${language}-${width}`, language });

  async function answer(page: Page, reference: string, answers: Readonly<Record<string, string>>): Promise<void> {
    await page.goto(`${house.url}/activate`);
    await type(page, "#reference", reference);
    await follow(page, 'main form[action="/activate"] button');
    if ((await page.locator('main form[action="/activate/answers"]').count()) === 0) return;
    for (const [question, text] of Object.entries(answers)) await type(page, `#${question}`, text);
    await follow(page, 'main form[action="/activate/answers"] button');
  }

  /** @returns a page at the office's link to the agent */
  async function handedOver(reference: string, agent: Awaited<ReturnType<WholeHouse["agent"]>>): Promise<Page> {
    const page = await window({ agent });
    await answer(page, reference, RIGHT_ANSWERS);
    await page.locator(AGENT_LINK).waitFor();
    return page;
  }

  const requestsTaken = async (): Promise<number> =>
    (await house.store.db.select({ takenAt: agentRequests.takenAt }).from(agentRequests)).filter(({ takenAt }) => takenAt !== null).length;

  test("S15: wrong answers to the limit lock the activation; an officer unlocks it; the right ones then open it", {
    timeout: LIMIT_MS,
  }, async () => {
    const { reference, email } = await people.approved(named("Essais"));
    const wrong = { ...RIGHT_ANSWERS, [Object.keys(RIGHT_ANSWERS)[2] ?? ""]: "Rex" };
    const page = await window();
    await page.goto(`${house.url}/activate`);
    await follow(page, 'main form[action="/activate"] button');
    await says(page, "reference-missing", REQUIRED.fr, REQUIRED.en);
    await answer(page, "0000-0000-0000-0000", wrong);
    const unknown = "Ce numéro de référence n'est pas connu. Recopiez-le depuis le dernier courriel du bureau.";
    await says(page, "reference", unknown, "This reference number is not known. Copy it from the newest mail of the office.");
    await answer(page, reference, {});
    await says(page, "answers-missing", REQUIRED.fr, REQUIRED.en);
    for (const left of [4, 3, 2]) {
      await answer(page, reference, wrong);
      const count = `Une réponse au moins n'est pas la bonne. Il reste ${left} essais.`;
      await says(page, left === 4 ? "wrong" : null, count, `At least one answer is not right. ${left} tries are left.`);
    }
    await answer(page, reference, wrong);
    await says(
      page,
      "wrong-last",
      "Il reste un seul essai : ensuite, seul un agent du bureau peut débloquer l'activation.",
      "One try is left: after it only an officer can unlock the activation.",
    );
    for (const [name, answers] of [
      ["locked", wrong],
      [null, RIGHT_ANSWERS],
    ] as const) {
      await answer(page, reference, answers);
      await says(
        page,
        name,
        "L'activation est bloquée après cinq réponses fausses. Seul un agent du bureau peut la débloquer : la page d'aide dit comment le joindre.",
        "The activation is locked after five wrong answers. Only an officer can unlock it: the help page says how to reach the office.",
      );
    }
    const helpdesk = await window({ officer: await house.officer(["helpdesk"]) });
    await helpdesk.goto(`${house.url}/unlock`);
    await judgePage(helpdesk, language, `house/refused-unlock-${language}-${width}`);
    const unlock = await helpdesk.locator("tr", { hasText: email }).locator('a[href^="/unlock/activation/"]').getAttribute("href");
    await follow(helpdesk, `a[href="${unlock}"]`);
    await type(helpdesk, "#reason", "Rappelée au numéro de son dossier.");
    await follow(helpdesk, "main form button");
    await says(helpdesk, "unlocked", "C'est débloqué ; un message est parti.", "It is unlocked; a mail is on its way.");
    await answer(page, reference, RIGHT_ANSWERS);
    await page.locator(AGENT_LINK).waitFor();
    const [opened] = await house.store.db
      .select({ path: agentRequests.returnPath })
      .from(agentRequests)
      .orderBy(desc(agentRequests.createdAt));
    await page.goto(`${house.url}${opened?.path}`); // without having been at the agent's
    await says(
      page,
      "after-nothing",
      "Rien n'est encore fait. Recommencez quand vous voulez : l'activation reprend où elle en était.",
      "Nothing is done yet. Start again whenever you like: the activation goes on where it was.",
    );
  });

  test("S18: a code that is too old opens nothing, and another one can be asked for", { timeout: LIMIT_MS }, async () => {
    const email = `code.${language}.${width}@exemple.fr`;
    const page = await window();
    const askCode = async (): Promise<string> => {
      const after = mailsTo(house.mails, email).length;
      await type(page, "#email", email);
      await follow(page, "main form button");
      return mailed(house.mails, email, /\b(\d{4} ?\d{4})\b/, { after });
    };
    const enter = async (code: string): Promise<void> => {
      await type(page, "#code", code);
      await follow(page, "main form button");
    };
    await page.goto(`${house.url}/account`);
    const code = await askCode();
    house.pass(11 * MINUTE_MS);
    await enter(code);
    await says(
      page,
      "code-expired",
      "Ce code n'était valable que dix minutes. Demandez-en un autre.",
      "This code was good for ten minutes. Ask for another one.",
    );
    const beside = await page.context().newPage();
    await beside.goto(`${house.url}/account`);
    expect(await beside.locator("#email").count(), "nothing was opened").toBe(1);
    await follow(page, 'main a[href="/account/sign-in"]');
    await enter(await askCode());
    expect(new URL(page.url()).pathname).toBe("/account");
  });

  test("S7: whoever checked the identity does not approve, nor does somebody of the same name", { timeout: LIMIT_MS }, async () => {
    const names = { givenName: "Bruno", surname: `Lefèvre-${language}-${width}` };
    const verifier = await house.officer(["verifier", "approver"], names);
    const { id } = await people.verified(named("Quatre-Yeux"), verifier.officerId);
    await people.waived(id);
    const twin = await house.officer(["approver"], { ...names, surname: names.surname.toUpperCase() });
    for (const [name, officer] of [
      ["verifier-approves", verifier],
      [null, twin],
    ] as const) {
      const page = await window({ officer });
      const why = [
        "Vous avez pris part au contrôle de l'identité, vous-même ou sous un autre compte",
        "You had a part in checking the identity, yourself or by another account",
      ] as const;
      await page.goto(`${house.url}/dossiers/${id}`);
      await says(page, null, ...why);
      await says(page, null, "Un autre approbateur doit décider.", "Another approver has to decide.");
      expect(await page.locator(`a[href="/dossiers/${id}/approve"]`).count()).toBe(0);
      await page.goto(`${house.url}/dossiers/${id}/approve`); // by its address all the same
      await says(page, name, ...why);
      expect(await page.locator("#confirmed").count(), "there is nothing to tick").toBe(0);
    }
    const [dossier] = await house.store.db.select().from(dossiers).where(eq(dossiers.id, id));
    expect(dossier).toMatchObject({ state: "identity_verified", approverId: null });
  });

  test("S13, S23: a web page dressed as a PDF is no evidence: again, on without a picture, or give up", { timeout: LIMIT_MS }, async () => {
    const { id, email } = await people.submitted(named("Image"));
    const page = await window({ email });
    await page.goto(`${house.url}/my/dossiers/${id}/evidence`);
    await choose(page, "#kind", "document-front");
    await page.setInputFiles("#file", { name: "passeport.pdf", mimeType: "application/pdf", buffer: Buffer.from(HTML) });
    await follow(page, 'main form[enctype="multipart/form-data"] button');
    await says(
      page,
      "evidence",
      "Ce fichier n'est ni une photo JPEG, ni une image PNG, ni un document PDF. Que voulez-vous faire ? Recommencer – choisir un autre fichier Continuer – sans image : rien n'est envoyé, un agent examine la pièce lui-même Abandonner – revenir au dossier",
      "This file is no JPEG photo, PNG picture or PDF document. What do you want to do? Start again – choose another file Continue – without a picture: nothing is sent, an officer looks at the document itself Give up – go back to the dossier",
    );
    expect(await house.store.db.select().from(evidence).where(eq(evidence.dossierId, id))).toEqual([]);
  });

  test("S1: the same web page is no document to sign, either", { timeout: LIMIT_MS }, async () => {
    const agent = await house.agent(PHRASE);
    const page = await window();
    await page.goto(`${agent.address}/`);
    await page.setInputFiles("#files", { name: "contrat.pdf", mimeType: "application/pdf", buffer: Buffer.from(HTML) });
    await follow(page, "form.drop button");
    await says(
      page,
      "document",
      "Ce n'est pas un PDF. Exportez-le d'abord en PDF, depuis le programme qui l'a créé.",
      "This is not a PDF. Export it as a PDF first, in the program that made it.",
    );
    expect(await page.locator("form.order").count()).toBe(0);
  });

  test("S15: an office that the holder does not trust is asked nothing and told nothing", { timeout: LIMIT_MS }, async () => {
    const { reference } = await people.approved(named("Doute"));
    const agent = await house.agent(PHRASE);
    const before = await requestsTaken();
    const page = await handedOver(reference, agent);
    await follow(page, AGENT_LINK);
    await says(
      page,
      "office",
      "Comparez-la, lettre par lettre, à celle de votre invitation ou du site de votre ordre. En cas de doute, fermez cette page et appelez le bureau.",
      "Compare it, letter by letter, with the one in your invitation or on your association's site. When in doubt, close this page and call the office.",
    );
    await type(page, "#host", "bureau-de-rouen.example");
    await follow(page, 'main form[action="/request/trust"] button');
    await says(
      page,
      "office-mistyped",
      "Ce n'est pas le nom de ce bureau. Recopiez-le exactement, ou fermez cette page.",
      "This is not the office's name. Copy it exactly, or close this page.",
    );
    await follow(page, "form a.quiet");
    expect(await requestsTaken()).toBe(before);
    expect(new TrustedOffices(`${agent.folder}/agent`).isTrusted(house.url)).toBe(false);
  });

  test("S15: a second page does not get the same request: not on this computer, not on another one", { timeout: LIMIT_MS }, async () => {
    const { reference } = await people.approved(named("Deux-Fois"));
    const agent = await house.agent(PHRASE);
    agent.trust(house.url);
    const page = await handedOver(reference, agent);
    const link = (await page.locator(AGENT_LINK).getAttribute("href")) ?? "";
    const other = await page.context().newPage();
    await follow(page, AGENT_LINK);
    await follow(page, 'main form[action="/request/take"] button');
    const whatToDo = [
      "Continuez dans la page où vous l'avez ouverte. Si ce n'était pas vous, retournez au bureau, faites une nouvelle demande et prévenez-le.",
      "Go on in the page where you opened it. If that was not you, go back to the office, make a new request and tell the office.",
    ] as const;
    await other.goto(link);
    await says(other, "second-page", ...whatToDo);
    const thief = await house.agent(PHRASE);
    thief.trust(house.url);
    const elsewhere = await window({ agent: thief });
    await elsewhere.goto(link);
    await follow(elsewhere, 'main form[action="/request/take"] button');
    expect(await elsewhere.locator("h1").innerText()).toBe(
      language === "fr" ? "Cette demande est déjà ouverte" : "This request is open already",
    );
    await says(elsewhere, null, ...whatToDo);
    await page.reload();
    expect(await page.locator('form[id="decline"]').count(), "the first page still has it").toBe(1);
  });
});

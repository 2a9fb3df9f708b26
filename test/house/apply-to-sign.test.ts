// A person applies, is checked, is approved, plugs in a token, activates it, and signs: in a real browser, over a whole office and the real agent. On a phone
// in French by keyboard alone and on one's own; on a wide screen in English with a mouse, for a cabinet. Pictures: test-output/pages/house/.

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isWalked } from "../support/browser.ts";
import { KEYBOARD, MOUSE } from "../support/hands.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { HOUSE_START_LIMIT_MS, WholeHouse } from "../support/whole-house.ts";
import { bookCheck, fillForm, proveMailbox, sendEvidence } from "./apply-to-sign-applicant.ts";
import {
  activate,
  expectCertificate,
  expectDone,
  expectJudgedValid,
  openActivation,
  PIN,
  readReference,
  sign,
  verifyInAgent,
} from "./apply-to-sign-holder.ts";
import { approve, checkIdentity, offerHours, officerPage } from "./apply-to-sign-officers.ts";
import type { Applicant, Walk } from "./apply-to-sign-walk.ts";

const PHONE_WIDTH = 360;
const LIMIT_MS = 180_000;
const ERROR_LEVEL = 50;
const folder = temporaryFolder();

const ALONE: Applicant = {
  givenName: "Léa",
  surname: "Morel",
  email: "lea.morel@exemple.fr",
  title: "Ingénieure structure",
  memberNumber: "76-04218",
  company: null,
};
const IN_A_CABINET: Applicant = {
  givenName: "Iris",
  surname: "Faron",
  email: "iris.faron@exemple.fr",
  title: "Associée",
  memberNumber: "76-00042",
  company: "Cabinet Faron & Fille",
};

let house: WholeHouse;
beforeAll(async () => {
  house = await WholeHouse.open(folder);
}, HOUSE_START_LIMIT_MS);
afterAll(async () => house?.close());

describe.each(
  (
    [
      ["fr", PHONE_WIDTH, "keyboard", ALONE],
      ["en", 1280, "mouse", IN_A_CABINET],
      ["fr", 1280, "mouse", { ...ALONE, surname: "Morel-Large", email: "lea.large@exemple.fr" }],
      ["en", PHONE_WIDTH, "mouse", { ...IN_A_CABINET, surname: "Faron-Small", email: "iris.small@exemple.fr", company: "Cabinet Small" }],
    ] as const
  ).filter(([language, width]) => isWalked(language, width === PHONE_WIDTH, "both")),
)("%s, %i pixels, by %s", (language, width, by, who) => {
  const look = { language, width };
  let walk: Walk;
  let verifier: Awaited<ReturnType<typeof officerPage>>;

  beforeAll(async () => {
    const agent = await house.agent();
    const { token } = await house.blankToken();
    const page = await house.window(look, { agent });
    walk = { house, look, hands: by === "keyboard" ? KEYBOARD : MOUSE, who, page, agent, token, dossierId: "", reference: "" };
    if (who.company === null) return;
    const company = await house.company(who.company, { name: "Nadia Faron", email: `nadia.${width}@exemple.fr`, language });
    await house.invite(company, who.email, language);
  });
  afterAll(async () => {
    await walk?.page.context().close();
    await verifier?.context().close();
  });

  test("S1, S10, S11, S18, S20: proves the mailbox by a code, fills in the form with three questions, agrees, sees the stepper", {
    timeout: LIMIT_MS,
  }, async () => {
    await proveMailbox(walk);
    await fillForm(walk);
  });

  test("S13: the verifier offers hours; the applicant books one by the mail's link and sends a picture", {
    timeout: LIMIT_MS,
  }, async () => {
    verifier = await officerPage(walk, ["verifier"], "Bruno", "Lefèvre");
    await offerHours(walk, verifier);
    await bookCheck(walk);
    await sendEvidence(walk);
  });

  test("S3, S13: the verifier opens the day, looks at the picture, goes through the list, accepts", { timeout: LIMIT_MS }, async () => {
    await checkIdentity(walk, verifier);
  });

  test("S7, S9, S12: another officer waives the payment, confirms the status and approves", { timeout: LIMIT_MS }, async () => {
    const page = await officerPage(walk, ["approver"], "Chloé", "Moreau");
    await approve(walk, page);
    await page.context().close();
  });

  test("S1, S11, S15: number and answers, over to the agent, PIN, key, certificate, and back: active", { timeout: LIMIT_MS }, async () => {
    await readReference(walk);
    await openActivation(walk);
    await activate(walk);
  });

  test("S1, S8, S12: signs in the agent's own page, with a certificate that says who, as what and for whom", {
    timeout: LIMIT_MS,
  }, async () => {
    const own = mkdtempSync(join(folder, "judged-"));
    await expectCertificate(walk, own);
    const path = await sign(walk, own);
    await verifyInAgent(walk, path);
    await expectJudgedValid(walk, path, own);
    await expectDone(walk);
  });

  test("the PIN is in no log and no event; no page failed or did what its policy forbids", () => {
    const lines = [...house.office.log, ...walk.agent.events.map((event) => JSON.stringify(event))].join("\n");
    expect(lines).not.toContain(PIN);
    expect(house.office.log.filter((line) => (JSON.parse(line) as { level: number }).level >= ERROR_LEVEL)).toEqual([]);
    expect(house.broken).toEqual([]);
  });
});

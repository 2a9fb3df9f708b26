// The applicant's part, in their own browser: the mailbox, the form, the appointment, the pictures of the document.

import { expect } from "vitest";
import { ANSWER_FIELDS, idIn } from "../support/application-client.ts";
import { png } from "../support/evidence-files.ts";
import { mailed } from "../support/mail-folder.ts";
import { expectStep, seen, told, type Walk } from "./apply-to-sign-walk.ts";

/** From the start page, with the code of the mail, to where an application begins. */
export async function proveMailbox(walk: Walk): Promise<void> {
  const { house, page, hands, who } = walk;
  await page.goto(`${house.url}/`);
  await seen(walk, page, "01-welcome");
  await hands.follow(page, 'main a[href="/apply"]');
  await seen(walk, page, "02-mailbox");
  await hands.type(page, "#email", who.email);
  await hands.follow(page, "main form button");
  await seen(walk, page, "03-code");
  await hands.type(page, "#code", await mailed(house.mails, who.email, /\b(\d{4} ?\d{4})\b/));
  await hands.follow(page, "main form button");
  expect(new URL(page.url()).pathname).toBe("/apply");
}

/** S10, S11, S20: details, three questions, two consents. */
export async function fillForm(walk: Walk): Promise<void> {
  const { house, page, hands, who, look } = walk;
  await expectStep(walk, page, 1);
  await seen(walk, page, "04-apply");
  await hands.follow(page, who.company === null ? "main form:has(#association) button" : 'main form:has([name="invitation"]) button');
  walk.dossierId = idIn(page.url());
  await expectStep(walk, page, 1);
  await hands.type(page, "#givenName", who.givenName);
  await hands.type(page, "#surname", who.surname);
  await hands.type(page, "#phone", "+33 6 12 34 56 78");
  await hands.choose(page, "#association", house.associationId);
  await hands.type(page, "#title", who.title);
  await hands.type(page, "#memberNumber", who.memberNumber);
  await hands.choose(page, "#language", look.language);
  await seen(walk, page, "05-details");
  await hands.follow(page, 'main form[action$="/details"] button');
  for (const [name, value] of Object.entries(ANSWER_FIELDS)) {
    if (name.startsWith("question")) await hands.choose(page, `#${name}`, value);
    else await hands.type(page, `#${name}`, value);
  }
  await seen(walk, page, "06-questions");
  await hands.follow(page, 'main form[action$="/questions"] button');
  await hands.tick(page, "#terms");
  await hands.tick(page, "#privacy");
  await seen(walk, page, "07-consents");
  await hands.follow(page, 'main form[action$="/consents"] button');
  await expectStep(walk, page, 2);
  await seen(walk, page, "08-sent");
}

/** S13: by the link of the mail that invites to it. */
export async function bookCheck(walk: Walk): Promise<void> {
  const { house, page, hands, who, dossierId } = walk;
  const link = await mailed(house.mails, who.email, /http:\S+\/appointment\b/);
  expect(link).toBe(`${house.url}/my/dossiers/${dossierId}/appointment`);
  await page.goto(link);
  await expectStep(walk, page, 2);
  await seen(walk, page, "11-appointment");
  await hands.tick(page, 'input[name="slot"]');
  await hands.follow(page, 'main form:has(input[name="slot"]) button');
  await seen(walk, page, "12-booked");
  await mailed(house.mails, who.email, /https:\/\/visio\.example\/rouen/);
}

/** S13, S23: a picture of the document, sealed at rest. */
export async function sendEvidence(walk: Walk): Promise<void> {
  const { page, hands } = walk;
  await hands.follow(page, 'section a[href$="/evidence"]');
  await seen(walk, page, "13-evidence");
  await hands.choose(page, "#kind", "document-front");
  await page.setInputFiles("#file", { name: "carte.png", mimeType: "image/png", buffer: Buffer.from(png()) }); // the system's own window is no page of ours
  await hands.follow(page, 'main form[enctype="multipart/form-data"] button');
  expect(await page.locator('[role="status"]').first().innerText()).toBe(
    told(walk, "Le document est reçu et chiffré.", "The document has arrived and is encrypted."),
  );
  await seen(walk, page, "14-evidence-sent");
}

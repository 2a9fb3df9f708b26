// The officers' part, each in a browser of their own: the verifier's hours and check, the approver's payment and approval.

import { eq } from "drizzle-orm";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { CHECKLIST } from "../../office/identity/checks.ts";
import { zonedDay } from "../../office/identity/zoned-time.ts";
import { DAY_MS } from "../../office/issuance/clock.ts";
import type { Role } from "../../office/registration/roles.ts";
import { dossiers } from "../../office/store/application-schema.ts";
import { seen, told, type Walk } from "./apply-to-sign-walk.ts";

const TIME_ZONE = "Europe/Paris";
const STATUS_NOTE = "Tableau de l'Ordre consulté ce jour : inscrite, cotisation à jour.";

/** A browser of an officer's own. */
export async function officerPage({ house, look }: Walk, roles: readonly Role[], givenName: string, surname: string): Promise<Page> {
  return house.window(look, { officer: await house.officer(roles, { givenName, surname }) });
}

const tomorrow = ({ house }: Walk): string => zonedDay(new Date(house.now.getTime() + DAY_MS), TIME_ZONE);

/** S13: half an hour of tomorrow, by video. */
export async function offerHours(walk: Walk, page: Page): Promise<void> {
  const { house, hands } = walk;
  await page.goto(`${house.url}/identity`);
  await seen(walk, page, "09-day-empty");
  await hands.follow(page, 'main a[href="/identity/slots"]');
  await hands.tick(page, '[name="kind"][value="video"]');
  for (const [name, text] of [
    ["place", "https://visio.example/rouen"],
    ["day", tomorrow(walk)],
    ["from", "09:00"],
    ["to", "09:30"],
    ["minutes", "30"],
  ] as const) {
    await hands.type(page, `#${name}`, text);
  }
  await hands.follow(page, 'main form[action="/identity/slots"] button');
  await seen(walk, page, "10-slots");
}

/** S3, S13, S19: the day, the application beside the picture, each point of the list, the decision. */
export async function checkIdentity(walk: Walk, page: Page): Promise<void> {
  const { house, hands, who } = walk;
  await page.goto(`${house.url}/identity`);
  await hands.follow(page, `main a[href="/identity?day=${tomorrow(walk)}"]`);
  await seen(walk, page, "15-day");
  const check = await page.getByRole("link", { name: `${who.givenName} ${who.surname}` }).getAttribute("href");
  await hands.follow(page, `a[href="${check}"]`);
  await seen(walk, page, "16-check-booked");
  await hands.follow(page, 'main form[action$="/begin"] button');
  const widths = await page
    .locator(".pictures img")
    .evaluateAll((images) => images.map((image) => (image as unknown as { naturalWidth: number }).naturalWidth));
  expect(widths).toEqual([640]);
  await hands.follow(page, ".pictures a");
  expect(page.url()).toMatch(/\/identity\/evidence\/[0-9a-f-]{36}$/);
  await page.goBack();
  for (const item of CHECKLIST) await hands.tick(page, `input[name="seen"][value="${item}"]`);
  await hands.type(page, "#note", "Carte d'identité vue à la lumière, hologramme présent.");
  await hands.tick(page, 'input[name="decision"][value="accept"]');
  await seen(walk, page, "17-check-filled");
  await hands.follow(page, 'main form:has(input[name="decision"]) button');
  await seen(walk, page, "18-check-accepted");
}

/** S7, S9, S12: payment waived, with why; the status in the association confirmed; approved. */
export async function approve(walk: Walk, page: Page): Promise<void> {
  const { house, hands, who, dossierId } = walk;
  const sheet = `/dossiers/${dossierId}`;
  await page.goto(`${house.url}/dossiers?list=approval`);
  await seen(walk, page, "19-dossiers");
  await hands.follow(page, `a[href="${sheet}"]`);
  await seen(walk, page, "20-dossier");
  if (who.company === null) {
    await hands.follow(page, `a[href="${sheet}/waive"]`);
    await hands.type(page, "#note", "Prise en charge par l'Ordre pour ses membres.");
    await seen(walk, page, "21-waive");
    await hands.follow(page, `main form[action="${sheet}/waive"] button`);
  }
  await hands.follow(page, `a[href="${sheet}/approve"]`);
  await hands.tick(page, "#confirmed");
  await hands.type(page, "#note", STATUS_NOTE);
  await seen(walk, page, "22-approve");
  await hands.follow(page, `main form[action="${sheet}/approve"] button`);
  expect(await page.locator('[role="status"]').first().innerText()).toContain(told(walk, "approuvée", "approved"));
  await seen(walk, page, "23-approved");
  const [dossier] = await house.store.db.select().from(dossiers).where(eq(dossiers.id, dossierId));
  expect(dossier).toMatchObject({ state: "activation_ready", statusNote: STATUS_NOTE });
  expect(dossier?.approverId).not.toBe(dossier?.verifierId);
}

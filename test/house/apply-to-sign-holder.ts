// The holder's part: the number of the mail, the answers, over to the agent on their own computer, a PIN, back to the office; and a signature.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { verifyPdf } from "../../host-bridge/signing/verify-pdf.ts";
import { OBJECT_SIGNATURE_CERTIFICATE } from "../../protocol/piv.ts";
import { ANSWERS_BY_QUESTION } from "../support/application-client.ts";
import { mailed, mailsTo } from "../support/mail-folder.ts";
import { extractSignatures, nssDatabase, opensslCms, pdfsig } from "../support/pdf-judges.ts";
import { mustRun } from "../support/run.ts";
import { pages } from "../support/sample-pdfs.ts";
import { pem } from "../support/test-certificates.ts";
import { ASSOCIATION } from "../support/whole-house.ts";
import { expectStep, seen, told, type Walk } from "./apply-to-sign-walk.ts";

export const PIN = "82640917";
const PHRASE = "la loutre lit sous la pluie";
export const AGENT_LINK = 'a[href^="http://127.0.0.1:8757/request?"]';

/** S15: the mail has the number, and nothing that would open anything with it. */
export async function readReference(walk: Walk): Promise<void> {
  const { house, who } = walk;
  walk.reference = await mailed(house.mails, who.email, /\b([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\b/);
  for (const { text } of mailsTo(house.mails, who.email)) {
    for (const answer of Object.values(ANSWERS_BY_QUESTION)) expect(text).not.toContain(answer);
  }
}

/** S15: number and answers, up to the office's link to the agent. */
export async function openActivation(walk: Walk): Promise<void> {
  const { house, page, hands, dossierId, reference } = walk;
  await page.goto(`${house.url}/my/dossiers/${dossierId}`);
  await expectStep(walk, page, 4);
  await seen(walk, page, "24-own-ready");
  await hands.follow(page, 'main a[href="/activate"]');
  await expectStep(walk, page, 4);
  await seen(walk, page, "25-activate");
  await hands.type(page, "#reference", reference.toLowerCase().replaceAll("-", " "));
  await hands.follow(page, 'main form[action="/activate"] button');
  await seen(walk, page, "26-answers");
  for (const [question, answer] of Object.entries(ANSWERS_BY_QUESTION)) await hands.type(page, `#${question}`, answer.toUpperCase());
  await hands.follow(page, 'main form[action="/activate/answers"] button');
  await seen(walk, page, "27-hand-over");
}

/** S15: at top level to the agent, which is new: a phrase is chosen, the office introduced, the token plugged in, its PIN chosen. */
export async function activate(walk: Walk): Promise<void> {
  const { house, page, hands, agent, token, who } = walk;
  await hands.follow(page, AGENT_LINK);
  expect(new URL(page.url()).origin).toBe(agent.address);
  await seen(walk, page, "28-agent-phrase");
  await hands.type(page, "#phrase", PHRASE);
  await hands.follow(page, 'main form[action="/phrase"] button');
  await seen(walk, page, "29-agent-trust");
  await hands.type(page, "#host", "127.0.0.1");
  await hands.follow(page, 'main form[action="/request/trust"] button');
  await seen(walk, page, "30-agent-plug");
  await agent.plugIn(token);
  await page.locator("#pin").waitFor();
  const request = await page.locator("main").innerText();
  for (const shown of [
    PHRASE,
    "Bureau de Rouen",
    house.url,
    `${who.givenName} ${who.surname}`,
    ...(who.company === null ? [] : [who.company]),
  ]) {
    expect(request).toContain(shown);
  }
  await seen(walk, page, "31-agent-new-pin");
  await hands.type(page, "#pin", PIN);
  await hands.type(page, "#again", PIN);
  await hands.follow(page, "form.consent button:not(.quiet)");
  await page.waitForURL(`${house.url}/activate/after/*`);
  await expectStep(walk, page, 5);
  const active = told(walk, "Votre certificat est actif. Vous pouvez signer.", "Your certificate is active. You can sign.");
  expect(await page.locator('[role="status"]').first().innerText()).toBe(active);
  await seen(walk, page, "32-active");
}

/** S8, S12: by openssl, of the certificate in the token: who, as which member, and for which organisation. */
export async function expectCertificate({ who, token }: Walk, folder: string): Promise<void> {
  const client = token.client();
  const der = await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE);
  client.close();
  if (der === null) throw new Error("no certificate in the token");
  const path = join(folder, "holder.pem");
  writeFileSync(path, pem(der));
  const subject = mustRun("openssl", ["x509", "-in", path, "-noout", "-subject", "-nameopt", "multiline,utf8,-esc_msb"]);
  expect(subject).toMatch(new RegExp(`organizationName\\s+= ${who.company ?? ASSOCIATION}\\n`));
  expect(subject).toMatch(new RegExp(`organizationalUnitName\\s+= ${ASSOCIATION}: ${who.memberNumber}\\n`));
  expect(subject).toMatch(new RegExp(`title\\s+= ${who.title}\\n`));
  expect(subject).toMatch(new RegExp(`commonName\\s+= ${who.givenName} ${who.surname}\\n`));
}

/** In the agent's own page. @returns where the signed file was saved */
export async function sign(walk: Walk, folder: string): Promise<string> {
  const { page, hands, agent, look } = walk;
  await hands.follow(page, 'main a[href="http://127.0.0.1:8757/"]');
  expect(page.url()).toBe(`${agent.address}/`);
  await seen(walk, page, "34-agent-home");
  await page.setInputFiles("#files", { name: "Contrat.pdf", mimeType: "application/pdf", buffer: Buffer.from(await pages(2)) });
  await hands.follow(page, "form.drop button");
  await page.waitForSelector("[data-viewer][data-ready] .sheet[data-drawn]");
  await seen(walk, page, "35-agent-document");
  await hands.follow(page, "form.order button");
  await hands.type(page, "#pin", PIN);
  await seen(walk, page, "36-agent-sign");
  await hands.follow(page, "form.consent button:not(.quiet)");
  await page.waitForURL(/\/signed$/);
  // The agent has learned the office's authority; whether to rely on it for signatures, the holder says.
  const verdict = told(walk, "Intacte, autorité d'un bureau", "Intact, an office's authority");
  expect(await page.locator(".pill").first().innerText()).toBe(verdict);
  await seen(walk, page, "37-agent-signed");
  const path = join(folder, `signed-${look.language}-${look.width}.pdf`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".saving a").press("Enter")]);
  await download.saveAs(path);
  return path;
}

/** The holder relies on the office's authority, and opens what was saved again: the agent judges it valid. */
export async function verifyInAgent(walk: Walk, path: string): Promise<void> {
  const { page, hands, agent } = walk;
  await hands.follow(page, 'main a[href="/offices#authorities"]');
  await seen(walk, page, "38-agent-authorities");
  await hands.follow(page, 'main form[action="/authorities/choose"] button');
  await page.goto(`${agent.address}/`);
  await page.setInputFiles("#files", path);
  await hands.follow(page, "form.drop button");
  await page.waitForSelector("[data-viewer][data-ready] .sheet[data-drawn]");
  expect(await page.locator(".signature .pill").innerText()).toBe(told(walk, "Valide", "Valid"));
  await seen(walk, page, "39-agent-verified");
}

/** S11: what the applicant's own page says at the end. */
export async function expectDone(walk: Walk): Promise<void> {
  const { house, page, dossierId } = walk;
  await page.goto(`${house.url}/my/dossiers/${dossierId}`);
  await expectStep(walk, page, 5);
  await seen(walk, page, "33-own-active");
}

/** Ours, poppler and openssl, each with the office's root alone. */
export async function expectJudgedValid({ house, who }: Walk, path: string, folder: string): Promise<void> {
  const { authority } = house.office.desk;
  const intermediates = authority.issuers.map(({ certificate }) => certificate);
  const reports = await verifyPdf(readFileSync(path), { roots: [authority.root], intermediates, at: new Date() });
  expect(reports).toMatchObject([{ signer: `${who.givenName} ${who.surname}`, problems: [], coversWholeFile: true }]);
  const root = join(folder, "root.pem");
  writeFileSync(root, pem(authority.root));
  const [signature, ...others] = extractSignatures(path, folder);
  if (signature === undefined || others.length > 0) throw new Error("not one signature");
  expect(opensslCms(signature, root).stderr).toContain("CAdES Verification successful");
  const told = pdfsig(nssDatabase(folder, root), path);
  expect(told).toContain("Signature is Valid.");
  expect(told).toContain(`${who.givenName} ${who.surname}`);
}

// Dossiers of the demonstration, one at least in every state that there is, in the order of time: a first wave a month ago, which came to its ends; a
// second one these days, which officers and applicants go on with. What each of them is there for stands in the README.

import { rejectDossier } from "../dossiers/decision.ts";
import { cancelDossier } from "../dossiers/dossier-rules.ts";
import { addEvidence, type EvidenceKind } from "../identity/evidence.ts";
import { revoke } from "../issuance/revocation.ts";
import type { Applicant, DemoApplicants, DemoStaff } from "./demo-applicants.ts";
import { cardPicture, statementPdf } from "./demo-documents.ts";
import { type DemoOffice, days } from "./demo-office.ts";

const SEEN = "Vu au guichet : carte d'identité valide, à son nom, photographie ressemblante.";

/** A draft that ended by the clock, and one wave of applications. @returns of an active dossier, the token; of another the certificate, to be revoked */
export async function firstWave(
  office: DemoOffice,
  { approverId }: DemoStaff,
  applicants: DemoApplicants,
): Promise<{ readonly serial: string; readonly certificateId: string }> {
  await applicants.draft("Olivier Petit"); // expired
  await office.moveTo(days(32));
  await applicants.offer(-31, "desk");
  const [remi, sophie, ines, thomas, paul] = [
    await applicants.apply("Rémi Vasseur"),
    await applicants.apply("Sophie Delcourt"),
    await applicants.apply("Inès Cœur"),
    await applicants.apply("Thomas Roy"),
    await applicants.apply("Paul Aubert"),
  ];
  const checked = [remi, sophie, ines, thomas];
  const checks: string[] = [];
  for (const applicant of checked) checks.push(await applicants.book(applicant, -31));
  await office.moveTo(days(31));
  for (const check of checks) await applicants.decide(check, "accept", SEEN);
  for (const applicant of [remi, sophie, ines]) {
    await applicants.settle(applicant, "pay");
    await applicants.approve(applicant); // Rémi's number lapses: approved
  }
  const reason = "L'ordre ne connaît pas ce numéro de membre.";
  await rejectDossier(office.desk, thomas.dossierId, { officerId: approverId, reason });
  await cancelDossier(office.desk, { dossierId: paul.dossierId, by: { accountId: paul.accountId }, reason: null });
  await office.moveTo(days(29));
  const { serial } = await applicants.activate(sophie, "demo-holder");
  const { certificateId } = await applicants.activate(ines, "demo-revoked");
  return { serial, certificateId };
}

/** A picture of the card, and a statement. */
async function bring({ desk }: DemoOffice, { dossierId, accountId, surname }: Applicant): Promise<void> {
  const add = (kind: EvidenceKind, bytes: Uint8Array) => addEvidence(desk, { dossierId, kind, bytes, by: { accountId } });
  await add("document-front", cardPicture());
  const ascii = surname.normalize("NFD").replace(/[^ -~]/g, "");
  await add("other", statementPdf(`Attestation d'inscription : ${ascii}`));
}

/** Applications of these days. @param lostId a certificate whose holder lost the token */
export async function secondWave(office: DemoOffice, applicants: DemoApplicants, lostId: string): Promise<void> {
  await office.moveTo(days(3));
  for (const day of [-2, -1, 0, 1]) await applicants.offer(day, "desk");
  for (const day of [0, 1]) await applicants.offer(day, "video");
  const failed = await applicants.apply("Yann Le Goff");
  const due = await applicants.apply("Manon Girard");
  const paid = await applicants.apply("Lucas Faure", "en");
  const [ready, issued] = [await applicants.apply("Clara Fontaine"), await applicants.apply("Jean-Luc Châtelain")];
  const [begun, doubted] = [await applicants.apply("Zoé Marchand"), await applicants.apply("Adam Klein", "en")];
  const [today, alsoToday, tomorrow] = [
    await applicants.apply("Léa Morel"),
    await applicants.apply("Emma Wilson", "en"),
    await applicants.apply("Nora Haddad"),
  ];
  await applicants.apply("Camille Aubin"); // submitted, nothing booked
  await applicants.draft("Victor Blanc");
  const checked = [due, paid, ready, issued];
  const checks: string[] = [];
  for (const applicant of checked) checks.push(await applicants.book(applicant, -2));
  const failing = await applicants.book(failed, -2);
  const [beginning, doubting] = [await applicants.book(begun, -1), await applicants.book(doubted, -1)];
  for (const applicant of [today, alsoToday]) await applicants.book(applicant, 0);
  await applicants.book(tomorrow, 1);
  for (const applicant of [begun, today]) await bring(office, applicant);

  await office.moveTo(days(2));
  for (const check of checks) await applicants.decide(check, "accept", SEEN);
  await applicants.decide(failing, "refuse", "La carte d'identité est périmée depuis plus de cinq ans. Revenez avec un titre valide.");

  await office.moveTo(days(1));
  await applicants.settle(paid, "pay");
  for (const applicant of [ready, issued]) {
    await applicants.settle(applicant, "waive");
    await applicants.approve(applicant);
  }
  await applicants.activate(issued, "demo-issued", false);
  await applicants.begin(beginning);
  await applicants.decide(doubting, "doubt", "Photographie ancienne : un second avis est nécessaire.");
  await revoke(office.desk, lostId, { reason: "key-compromise", channel: "holder", officerId: null, actor: "system" });
}

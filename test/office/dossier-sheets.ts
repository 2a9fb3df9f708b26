// The officers' pages of dossiers that no walk of test/house comes to: lists, a sheet with all that it can show, what is wrong, what is undone.

import type { Page } from "playwright-core";
import { approveDossier } from "../../office/dossiers/decision.ts";
import type { Dossier } from "../../office/dossiers/dossiers.ts";
import { appointmentSlots, consents, evidence, identityChecks, questionSets } from "../../office/store/application-schema.ts";
import type { DossierBench } from "../support/dossier-bench.ts";
import { LONG_NAME, SCRIPT_NAME } from "../support/office-rows.ts";

const DAY_MS = 86_400_000;

/** All that a sheet can show. */
async function fill({ db, now, officeId, verifierId }: DossierBench, dossier: Dossier): Promise<void> {
  const slot = { officeId, officerId: verifierId, kind: "video" as const, place: "https://video.example", startsAt: now, minutes: 20 };
  const [row] = await db.insert(appointmentSlots).values(slot).returning({ id: appointmentSlots.id });
  const check = { dossierId: dossier.id, slotId: row?.id ?? "", officerId: verifierId, checklist: {}, createdAt: now };
  await db.insert(identityChecks).values({ ...check, state: "accepted" });
  const about = {
    dossierId: dossier.id,
    sizeBytes: 10,
    sha256: new Uint8Array(32),
    uploadedBy: `account:${dossier.accountId}`,
    uploadedAt: now,
  };
  const destroyAt = new Date(now.getTime() + 90 * DAY_MS);
  await db.insert(evidence).values([
    { ...about, kind: "document-front", mediaType: "image/jpeg", destroyAt, sealed: new Uint8Array(10) },
    { ...about, kind: "document-back", mediaType: "application/pdf", destroyAt: now, destroyedAt: now },
  ]);
  await db.insert(questionSets).values({ accountId: dossier.accountId, state: "open", failedTries: 0, createdAt: now });
  const consent = { dossierId: dossier.id, version: "2026-11-01", digest: new Uint8Array(32), at: now };
  await db.insert(consents).values([
    { ...consent, document: "terms" },
    { ...consent, document: "privacy" },
  ]);
}

export interface DossierSheets {
  /** Whose applicant may ask for another number. */
  readonly approved: Dossier;
  /** Each page by its name, and how an officer of every role comes to it. */
  readonly pages: Readonly<Record<string, (page: Page) => Promise<unknown>>>;
}

/** @param go to a path of the office */
export async function dossierSheets(bench: DossierBench, go: (page: Page, path: string) => Promise<unknown>): Promise<DossierSheets> {
  const email = `${"tres-longue-adresse-".repeat(4)}@exemple.example`;
  const verified = await bench.dossier({ surname: LONG_NAME, title: SCRIPT_NAME, email });
  await fill(bench, verified);
  const due = await bench.dossier({ payment: "due", state: "identity_verified", organisationId: bench.companyId });
  const failed = await bench.dossier({ state: "identity_failed", reason: "Le document n'est plus valable" });
  const approved = await bench.dossier();
  await approveDossier(bench.desk, approved.id, { officerId: bench.approverId, statusNote: "Tableau de l'Ordre consulté ce jour" });
  const at =
    (path: string) =>
    (page: Page): Promise<unknown> =>
      go(page, path);
  const sent =
    (path: string) =>
    async (page: Page): Promise<void> => {
      await go(page, path);
      await page.locator("main form button").last().click();
    };
  const pages = {
    list: at("/dossiers"),
    "list-none": at("/dossiers?list=over"),
    sheet: at(`/dossiers/${verified.id}`),
    "sheet-failed": at(`/dossiers/${failed.id}`),
    "approve-problems": sent(`/dossiers/${verified.id}/approve`),
    "reject-problems": sent(`/dossiers/${verified.id}/reject`),
    pay: at(`/dossiers/${due.id}/pay`),
    undo: at(`/dossiers/${verified.id}/undo`),
    reference: at(`/dossiers/${approved.id}/reference`),
    reopen: at(`/dossiers/${failed.id}/reopen`),
    cancel: at(`/dossiers/${verified.id}/cancel`),
  };
  return { approved, pages };
}

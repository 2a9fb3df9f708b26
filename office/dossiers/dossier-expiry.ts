// A dossier that nobody goes on with ends by itself, on the date that its row says. That date may be moved: the job looks again.

import { HOUR_MS, later } from "../issuance/clock.ts";
import { type JobHandler, schedule } from "../jobs/jobs.ts";
import { DOSSIER } from "../states/dossier-states.ts";
import type { Database } from "../store/store.ts";
import { endWhatHangsOn } from "./dossier-end.ts";
import { auditDossier, holdDossier, moveDossier } from "./dossiers.ts";

export const DOSSIER_EXPIRY_JOB = "dossier.expire";
/** A certificate that waits for its proof has a clock of its own: its end, or its proof, comes first. */
const LOOK_AGAIN_MS = 24 * HOUR_MS;

/** As often as the date moves: each date is a job of its own. */
export async function scheduleExpiry(tx: Database, dossierId: string, dueAt: Date): Promise<void> {
  await schedule(tx, { kind: DOSSIER_EXPIRY_JOB, key: `${DOSSIER_EXPIRY_JOB}:${dossierId}:${dueAt.getTime()}`, dueAt });
}

export const dossierExpiryJob: JobHandler = async (tx, { key }, now) => {
  const id = key.split(":")[1] ?? "";
  const dossier = await holdDossier(tx, id);
  if (!DOSSIER.allows(dossier.state, "expire")) return;
  if (dossier.expiresAt > now) return scheduleExpiry(tx, id, dossier.expiresAt);
  if (dossier.certificateId !== null) return scheduleExpiry(tx, id, later(now, LOOK_AGAIN_MS));
  await moveDossier(tx, dossier, "expire");
  await endWhatHangsOn(tx, id, now);
  await auditDossier(tx, id, "expire", { actor: "clock", now }, { from: dossier.state });
};

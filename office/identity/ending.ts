// What becomes of the identity check and the evidence when their dossier ends without a certificate: no appointment, and nothing to keep.

import { and, eq, inArray, isNull } from "drizzle-orm";
import { schedule } from "../jobs/jobs.ts";
import { IDENTITY_CHECK } from "../states/identity-check-states.ts";
import { evidence, identityChecks } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { EVIDENCE_JOB, OPEN_CHECKS } from "./identity-states.ts";

/**
 * Cancels the open check and has the evidence destroyed by the next job. The caller holds the dossier's row, has changed it, and appends the audit event
 * afterwards.
 */
export async function endIdentity(tx: Database, dossierId: string, now: Date): Promise<void> {
  const open = and(eq(identityChecks.dossierId, dossierId), inArray(identityChecks.state, [...OPEN_CHECKS]));
  for (const { id, state } of await tx.select().from(identityChecks).where(open).for("update")) {
    const cancelled = IDENTITY_CHECK.after(state, "cancel");
    await tx.update(identityChecks).set({ state: cancelled, decidedAt: now }).where(eq(identityChecks.id, id));
  }
  const kept = and(eq(evidence.dossierId, dossierId), isNull(evidence.destroyedAt));
  const rows = await tx.update(evidence).set({ destroyAt: now }).where(kept).returning({ id: evidence.id });
  for (const { id } of rows) await schedule(tx, { kind: EVIDENCE_JOB, key: `${EVIDENCE_JOB}:${id}:end`, dueAt: now });
}

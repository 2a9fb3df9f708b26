// A certificate that was issued and not proven within 14 days is revoked by the clock. With it the dossier is where it was before, and the holder is
// mailed another reference number.

import { eq } from "drizzle-orm";
import { auditDossier, holdDossier, moveDossier } from "../dossiers/dossiers.ts";
import { endActivation, holdOpenActivation, prepareActivation } from "../dossiers/prepare-activation.ts";
import { UNPROVED_JOB } from "../issuance/certificate-issuance.ts";
import { revokeUnproved } from "../issuance/revocation.ts";
import type { JobHandler } from "../jobs/jobs.ts";
import { dossiers } from "../store/application-schema.ts";
import { certificates } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { ActivationDesk } from "./activation-desk.ts";

const stateOf = async (tx: Database, id: string) =>
  (await tx.select({ state: certificates.state }).from(certificates).where(eq(certificates.id, id)))[0]?.state;

/** Instead of the issuance's own handler: a certificate of no dossier is revoked, and nothing more. */
export function lapseJob(desk: Pick<ActivationDesk, "authority" | "sealing" | "publicUrl">): JobHandler {
  return async (tx, { key }, now) => {
    const certificateId = key.slice(UNPROVED_JOB.length + 1);
    const [found] = await tx.select({ id: dossiers.id }).from(dossiers).where(eq(dossiers.certificateId, certificateId));
    if (found === undefined) return revokeUnproved(tx, desk.authority, certificateId, now);
    const dossier = await holdDossier(tx, found.id);
    await holdOpenActivation(tx, dossier.id); // before the certificate, as everybody does
    const before = await stateOf(tx, certificateId);
    await revokeUnproved(tx, desk.authority, certificateId, now);
    // One that an officer has revoked has a reason, and the holder gets no number by the clock.
    if (before !== "issued" || (await stateOf(tx, certificateId)) !== "revoked") return;
    if (dossier.state !== "activation_ready" || dossier.certificateId !== certificateId) return;
    await endActivation(tx, dossier.id);
    const acting = { actor: "clock", now };
    const lapsed = await moveDossier(tx, dossier, "lapse", { certificateId: null, tokenSerial: null });
    await auditDossier(tx, dossier.id, "lapse", acting, { certificate: certificateId });
    await prepareActivation(tx, desk, lapsed, acting, { template: "lapsed" });
  };
}

// Names that the files of this folder share: states, jobs.

import type { IdentityCheckState } from "../states/identity-check-states.ts";

/** Of these a dossier has one at most. */
export const OPEN_CHECKS = ["booked", "in_review", "inconclusive", "manual"] as const satisfies readonly IdentityCheckState[];

/** Destroys a piece of evidence: the key ends with its id, or with its id and «:end». */
export const EVIDENCE_JOB = "evidence.destroy";
/** Gives up an appointment at which nobody began: the key ends with the check's id. */
export const LAPSE_JOB = "identity.lapse";

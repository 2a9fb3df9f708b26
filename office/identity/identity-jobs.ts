// What this folder does by the clock.

import type { ApplicationDesk } from "../applications/application-desk.ts";
import type { JobHandler } from "../jobs/jobs.ts";
import { lapseJob } from "./booking.ts";
import { evidenceJob } from "./evidence.ts";
import { EVIDENCE_JOB, LAPSE_JOB } from "./identity-states.ts";

export const identityJobs = (desk: ApplicationDesk): readonly (readonly [string, JobHandler])[] => [
  [EVIDENCE_JOB, evidenceJob],
  [LAPSE_JOB, lapseJob(desk)],
];

// What issuance does by the clock: handlers for jobs.ts.

import { eq } from "drizzle-orm";
import type { JobHandler } from "../jobs/jobs.ts";
import { issuers } from "../store/schema.ts";
import { EXPIRE_JOB, UNPROVED_JOB } from "./certificate-issuance.ts";
import { CRL_JOB, publishCrl } from "./crl.ts";
import type { IssuanceDesk } from "./issuance-desk.ts";
import { RESPONDER_JOB, renewResponder } from "./responders.ts";
import { expire, revokeUnproved } from "./revocation.ts";

/** The parts of a job's key behind its kind. */
const partsOf = (key: string): string[] => key.split(":").slice(1);

/** By kind of job. */
export function issuanceJobs({ authority }: Pick<IssuanceDesk, "authority">): ReadonlyMap<string, JobHandler> {
  return new Map<string, JobHandler>([
    [
      CRL_JOB,
      async (tx, { key }, now) => {
        const [issuerId = "", number = ""] = partsOf(key);
        const [issuer] = await tx.select().from(issuers).where(eq(issuers.id, issuerId)).for("update");
        // A revocation has published a newer list meanwhile, which has a job of its own.
        if (issuer?.crlNumber === Number(number)) await publishCrl(tx, authority, issuerId, now);
      },
    ],
    [
      RESPONDER_JOB,
      async (tx, { key }, now) => {
        const [issuerId = "", serialNumber = ""] = partsOf(key);
        await renewResponder(tx, authority, issuerId, serialNumber, now);
      },
    ],
    [EXPIRE_JOB, (tx, { key }, now) => expire(tx, partsOf(key).join(), now)],
    [UNPROVED_JOB, (tx, { key }, now) => revokeUnproved(tx, authority, partsOf(key).join(), now)],
  ]);
}

// What has become of an activation, for whoever comes back from the agent: nothing of whose it is.

import { eq } from "drizzle-orm";
import { activations, dossiers } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { certificateOf } from "./activation-record.ts";

/** `issued`: its certificate waits for the proof; `waiting`: nothing is done yet; `over`: it ended without one. */
export type ActivationOutcome = "active" | "issued" | "waiting" | "locked" | "over";

/** null: there is no such activation. */
export async function activationOutcome(db: Database, id: string, now: Date): Promise<ActivationOutcome | null> {
  const [row] = await db
    .select({ activation: activations, dossier: dossiers })
    .from(activations)
    .innerJoin(dossiers, eq(dossiers.id, activations.dossierId))
    .where(eq(activations.id, id));
  if (row === undefined) return null;
  const { state, expiresAt } = row.activation;
  const certificate = await certificateOf(db, row.dossier, now);
  if (state === "used") return certificate === null ? "over" : "active";
  if (state === "expired" || expiresAt <= now) return "over";
  if (state === "locked") return "locked";
  return certificate === null ? "waiting" : "issued";
}

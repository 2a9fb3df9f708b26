// What hangs on a dossier that ends without a certificate: its identity check, its evidence, its activation.

import { endIdentity } from "../identity/ending.ts";
import type { Database } from "../store/store.ts";
import { endActivation } from "./prepare-activation.ts";

/** The dossier's row is held, and the audit event appended afterwards. */
export async function endWhatHangsOn(tx: Database, dossierId: string, now: Date): Promise<void> {
  await endIdentity(tx, dossierId, now);
  await endActivation(tx, dossierId);
}

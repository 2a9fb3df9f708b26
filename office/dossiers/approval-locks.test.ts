// An approval waits for whoever holds the approving officer (they are withdrawn) before it holds the audit trail's end, and not the other way round: then each
// would wait for the other.

import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { DossierBench } from "../../test/support/dossier-bench.ts";
import { STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { officers } from "../store/schema.ts";
import { approveDossier } from "./decision.ts";

/** Longer than an approval takes to come to its first wait. */
const MEANWHILE_MS = 500;

test(
  "an officer who is held for a decision of their own, and approves meanwhile: both happen",
  async () => {
    const bench = await DossierBench.open("postgresql");
    try {
      const { approverId: officerId, desk } = bench;
      const { id } = await bench.dossier();
      let approving: Promise<unknown> = Promise.resolve();
      await desk.store.transaction(async (tx) => {
        await tx.select().from(officers).where(eq(officers.id, officerId)).for("update");
        approving = approveDossier(desk, id, { officerId, statusNote: "Tableau de l'ordre, consulté ce jour : inscrit." });
        approving.catch(() => {}); // told below
        await new Promise((resolve) => setTimeout(resolve, MEANWHILE_MS));
        await appendAudit(tx, { at: bench.now, actor: "system", action: "officer.withdraw", subject: `officer:${officerId}` });
      });
      await expect(approving).resolves.toMatchObject({ isNew: true });
      expect(await bench.read(id)).toMatchObject({ state: "activation_ready" });
    } finally {
      await bench.close();
    }
  },
  STORE_START_LIMIT_MS,
);

// What a backup had waiting to be used once is over when it is restored: reference numbers and agreed releases, too.

import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApplicationBench } from "../../test/support/application-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { newReferenceNumber } from "../dossiers/reference-number.ts";
import { activations, dossiers } from "../store/application-schema.ts";
import { endOpenSecrets } from "./since-backup.ts";

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ApplicationBench;
  beforeAll(async () => {
    bench = await ApplicationBench.open(kind);
  }, STORE_START_LIMIT_MS);
  afterAll(() => bench.close());

  it("a reference number that was mailed is expired, and its dossier approved again", async () => {
    const { store } = bench.desk;
    const dossierId = await bench.submitted(await bench.account());
    await store.db.update(dossiers).set({ state: "activation_ready" }).where(eq(dossiers.id, dossierId));
    const { digest } = newReferenceNumber();
    const expiresAt = new Date(bench.now.getTime() + 86_400_000);
    await store.db.insert(activations).values({ dossierId, digest, state: "mailed", failedTries: 0, createdAt: bench.now, expiresAt });
    await store.transaction((tx) => endOpenSecrets(tx, bench.now));
    const [activation] = await store.db.select().from(activations).where(eq(activations.dossierId, dossierId));
    const [dossier] = await store.db.select().from(dossiers).where(eq(dossiers.id, dossierId));
    expect([activation?.state, dossier?.state]).toEqual(["expired", "approved"]);
  });
});

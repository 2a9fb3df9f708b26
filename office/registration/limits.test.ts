// Limits: spent first, shared by all servers, new with the next window.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { LimitError, spendTry } from "./limits.ts";

const MINUTE = 60_000;
const START = new Date("2026-03-01T12:00:10Z");

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;

  beforeAll(async () => {
    bench = await openTestStore(kind);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  test("tries are spent, and then refused until the window ends", async () => {
    const limit = { subject: "code of dossier 1", count: 3, windowMs: MINUTE };
    for (let i = 0; i < 3; i++) await spendTry(bench.store, [limit], START);
    const refused = await spendTry(bench.store, [limit], START).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LimitError);
    expect((refused as LimitError).retryAt).toEqual(new Date("2026-03-01T12:01:00Z"));
    await spendTry(bench.store, [{ ...limit, subject: "code of dossier 2" }], START);
    await spendTry(bench.store, [limit], new Date("2026-03-01T12:01:00Z"));
  });

  test("of tries at once, exactly as many pass as the limit says", async () => {
    const limit = { subject: "at once", count: 5, windowMs: MINUTE };
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => spendTry(bench.store, [limit], START)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });

  test("two limits are both spent, though the first is used up", async () => {
    const [account, address] = [
      { subject: "account x", count: 1, windowMs: MINUTE },
      { subject: "address y", count: 2, windowMs: MINUTE },
    ];
    await spendTry(bench.store, [account, address], START);
    await expect(spendTry(bench.store, [address, account], START)).rejects.toBeInstanceOf(LimitError);
    await expect(spendTry(bench.store, [address], START)).rejects.toBeInstanceOf(LimitError);
  });
});

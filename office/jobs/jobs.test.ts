// Jobs: done once however many servers look, again after a failure, by another when a server has died.

import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { jobs, settings } from "../store/schema.ts";
import { type JobFailed, type JobHandler, runDueJobs, schedule } from "./jobs.ts";

const START = new Date("2026-03-01T12:00:00Z");

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let time = START.getTime();
  const now = (): Date => new Date(time);

  beforeAll(async () => {
    bench = await openTestStore(kind);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  beforeEach(async () => {
    time = START.getTime();
    await bench.store.db.delete(jobs);
    await bench.store.db.delete(settings);
  });

  const add = (key: string, inMs = 0) => schedule(bench.store.db, { kind: "note", key, dueAt: new Date(START.getTime() + inMs) });
  const run = (handler: JobHandler, failed?: JobFailed) => runDueJobs(bench.store, new Map([["note", handler]]), now, failed);

  test("a job is done when it is due, once, in order", async () => {
    await add("later", 1000);
    await add("b", -1);
    await add("a", -2);
    await add("a", -2);
    const done: string[] = [];
    const note: JobHandler = async (_, { key }) => void done.push(key);
    expect(await run(note)).toBe(2);
    expect(await run(note)).toBe(0);
    time += 1000;
    expect(await run(note)).toBe(1);
    expect(done).toEqual(["a", "b", "later"]);
  });

  test("servers that look at once do each job once", async () => {
    for (let i = 0; i < 30; i++) await add(`job-${i}`);
    const done: string[] = [];
    const note: JobHandler = async (tx, { key }) => {
      await tx.insert(settings).values({ name: key, value: 1 }); // would fail the second time
      done.push(key);
    };
    const counts = await Promise.all([run(note), run(note), run(note), run(note)]);
    expect(counts.reduce((sum, n) => sum + n)).toBe(30);
    expect(new Set(done).size).toBe(30);
  });

  test("a failure leaves nothing, is tried again after a while, and does not hold up the others", async () => {
    await add("bad");
    await add("good", 1);
    time += 10;
    let isFailing = true;
    const done: string[] = [];
    const note: JobHandler = async (tx, { key }) => {
      await tx.insert(settings).values({ name: key, value: 1 });
      if (key === "bad" && isFailing) throw new RangeError("a reason with a secret in it");
      done.push(key);
    };
    const failures: unknown[] = [];
    expect(await run(note, ({ key, attempts }, error) => failures.push([key, attempts, error]))).toBe(1);
    expect(failures).toEqual([["bad", 1, new RangeError("a reason with a secret in it")]]);
    expect(done).toEqual(["good"]);
    const [row] = await bench.store.db.select().from(jobs).where(eq(jobs.key, "bad"));
    expect(row).toMatchObject({ attempts: 1, lastError: "RangeError", doneAt: null });
    isFailing = false;
    expect(await run(note)).toBe(0);
    time += 5_000;
    expect(await run(note)).toBe(1);
    expect(done).toEqual(["good", "bad"]);
  });

  test("the claim of a server that died runs out", async () => {
    await add("x");
    await bench.store.db.execute(sql`update jobs set claimed_until = ${new Date(time + 60_000).toISOString()}, attempts = 1`);
    const note: JobHandler = async () => {};
    expect(await run(note)).toBe(0);
    time += 60_000;
    expect(await run(note)).toBe(1);
  });

  test("a kind that this server does not know is left for another", async () => {
    await schedule(bench.store.db, { kind: "of-tomorrow", key: "k", dueAt: START });
    expect(await run(async () => {})).toBe(0);
    const [row] = await bench.store.db.select().from(jobs);
    expect(row).toMatchObject({ doneAt: null, lastError: "UnknownJobError" });
  });
});

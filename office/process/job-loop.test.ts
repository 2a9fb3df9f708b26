// The loop that looks for due jobs: by the clock, and at once when somebody has left something to do.

import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { type AnyJobHandler, type JobHandler, type JobHandlers, schedule } from "../jobs/jobs.ts";
import { MAIL_JOB } from "../mail/outbox.ts";
import { MAIL_LANE, OTHER_LANE, runJobLoop } from "./office-jobs.ts";

const clock = { now: () => new Date() };
/** Never, in a test. */
const EVERY_MS = 3_600_000;
const LOOK_MS = 10;
const LIMIT_MS = 20_000;

let bench: TestStore;

beforeAll(async () => {
  bench = await openTestStore("pglite");
}, STORE_START_LIMIT_MS);
afterAll(() => bench.close());

const until = async (isTrue: () => boolean): Promise<void> => {
  for (const end = Date.now() + LIMIT_MS; !isTrue() && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  expect(isTrue()).toBe(true);
};

test("whoever leaves a job and wakes the loop does not wait for the clock; woken while it looks, it looks again", async () => {
  const done: string[] = [];
  let looks = 0;
  const leave = (key: string) => schedule(bench.store.db, { kind: "mail", key, dueAt: new Date(0) });
  const handler: JobHandler = async (_tx, { key }) => {
    done.push(key);
  };
  const failures: unknown[] = [];
  const loop = runJobLoop({
    store: bench.store,
    handlers: new Map([["mail", handler]]),
    clock,
    everyMs: EVERY_MS,
    failed: (error) => failures.push(error),
    besides: async () => {
      looks++;
      // The list was looked at, and the loop is still at it.
      if (looks !== 2) return;
      await leave("second");
      loop.wake();
      loop.wake();
    },
  });
  await until(() => looks === 1);
  await leave("first");
  loop.wake();
  await until(() => done.length === 2);
  expect(done).toEqual(["first", "second"]);
  await loop.stop();
  await leave("third");
  loop.wake();
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  expect([done.length, failures]).toEqual([2, []]);
});

test("a mail server that does not answer keeps nothing else waiting: not another job, not the store", async () => {
  let release = (): void => {};
  const isReleased = new Promise<void>((resolve) => (release = resolve));
  const done: string[] = [];
  const handlers: JobHandlers = new Map<string, AnyJobHandler>([
    [
      MAIL_JOB,
      {
        outside: async () => {
          await isReleased;
          return async () => void done.push("mail");
        },
      },
    ],
    ["crl", async () => void done.push("crl")],
  ]);
  const failed = (error: unknown): void => void done.push(String(error));
  const order = { store: bench.store, handlers, clock, everyMs: EVERY_MS, failed };
  await schedule(bench.store.db, { kind: MAIL_JOB, key: "slow", dueAt: new Date(0) });
  await schedule(bench.store.db, { kind: "crl", key: "crl:1", dueAt: new Date(1) });
  const loops = [MAIL_LANE, OTHER_LANE].map((lane) => runJobLoop({ ...order, lane }));
  await until(() => done.includes("crl"));
  await bench.store.transaction(async () => {});
  expect(done).not.toContain("mail");
  release();
  await until(() => done.includes("mail"));
  for (const loop of loops) await loop.stop();
});

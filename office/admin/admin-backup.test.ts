// A backup that nobody reads to its end leaves no transaction behind: in a folder's store the whole office would wait for it.

import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { fastify } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeBackup } from "../backup/backup-lines.ts";
import { settings } from "../store/schema.ts";
import { addBackup } from "./admin-backup.ts";

const VALUE_BYTES = 1_000_000;
const VALUES = 8;

let bench: TestStore;

beforeAll(async () => {
  bench = await openTestStore("pglite");
  // More than a socket and the streams before it take.
  for (let i = 0; i < VALUES; i++) {
    const value = randomBytes(VALUE_BYTES).toString("hex");
    await bench.store.db.insert(settings).values({ name: `large ${i}`, value });
  }
}, STORE_START_LIMIT_MS);

afterAll(() => bench.close());

test.each(["goes away", "stays, and reads no more"])(
  "a reader that %s in the middle",
  async (what) => {
    const app = fastify();
    const failures: unknown[] = [];
    const places = { authorityFolder: join(temporaryFolder(), "ca"), officeFolder: temporaryFolder() };
    const now = (): Date => new Date();
    addBackup(app, { store: bench.store, places, now, drainLimitMs: 500, failed: (error) => failures.push(error) });
    const path = join(temporaryFolder(), "s");
    await app.listen({ path });
    try {
      await new Promise<void>((resolve) => {
        const asking = request({ socketPath: path, path: "/backup" }, (answer) => {
          answer.once("data", () => {
            answer.pause();
            if (what === "goes away") setTimeout(() => asking.destroy(), 100);
            else resolve();
          });
        });
        asking.on("error", () => {});
        asking.once("close", resolve);
        asking.end();
      });
      await expect(bench.store.db.execute(sql`select 1 as one`)).resolves.toMatchObject({ rows: [{ one: 1 }] });
      await expect.poll(() => failures).toHaveLength(1);
    } finally {
      app.server.closeAllConnections();
      await app.close();
    }
  },
  20_000,
);

test("a table of many pages comes whole, each row once", async () => {
  const { db } = bench.store;
  await db.execute(sql`insert into limits (subject, window_start, count) select 'row ' || g, now(), g from generate_series(1, 1201) g`);
  await db.execute(sql`update limits set count = count + 1 where count % 7 = 0`); // lies elsewhere in the table from now on
  const subjects: string[] = [];
  let table = "";
  const places = { authorityFolder: join(temporaryFolder(), "ca"), officeFolder: temporaryFolder() };
  await writeBackup(bench.store, places, new Date(), async (text) => {
    const row = JSON.parse(text) as { readonly table?: string; readonly subject?: string };
    table = row.table ?? table;
    if (table === "limits" && row.subject !== undefined) subjects.push(row.subject);
  });
  expect([subjects.length, new Set(subjects).size]).toEqual([1201, 1201]);
});

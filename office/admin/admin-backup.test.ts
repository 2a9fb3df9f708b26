// A backup that nobody reads to its end leaves no transaction behind: in a folder's store the whole office would wait for it.

import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { fastify } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStore, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
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

test("a reader that goes away in the middle", async () => {
  const app = fastify();
  const failures: unknown[] = [];
  const places = { authorityFolder: join(temporaryFolder(), "ca"), officeFolder: temporaryFolder() };
  addBackup(app, { store: bench.store, places, now: () => new Date(), failed: (error) => failures.push(error) });
  const path = join(temporaryFolder(), "s");
  await app.listen({ path });
  try {
    await new Promise<void>((resolve) => {
      const asking = request({ socketPath: path, path: "/backup" }, (answer) => {
        answer.once("data", () => {
          answer.pause();
          setTimeout(() => asking.destroy(), 300);
        });
      });
      asking.on("error", () => {});
      asking.once("close", resolve);
      asking.end();
    });
    await expect(bench.store.db.execute(sql`select 1 as one`)).resolves.toMatchObject({ rows: [{ one: 1 }] });
    expect(failures).toHaveLength(1);
  } finally {
    await app.close();
  }
}, 20_000);

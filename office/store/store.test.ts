// The database in both its forms: migrations, transactions, the schema that drizzle has, the folder's lock.

import { setTimeout as sleep } from "node:timers/promises";
import { getTableColumns, getTableName, is, sql } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import * as applicationSchema from "./application-schema.ts";
import { FolderInUseError, lockFolder } from "./folder-lock.ts";
import { migrate, NewerStoreError } from "./migrate.ts";
import * as schema from "./schema.ts";

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;

  beforeAll(async () => {
    bench = await openTestStore(kind);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  test("a second migration, and two at once, change nothing", async () => {
    await Promise.all([migrate(bench.store), migrate(bench.store)]);
    const { rows } = await bench.store.db.execute<{ number: number }>(sql`select number from migrations`);
    expect(rows).toEqual([{ number: 1 }, { number: 2 }]);
  });

  test("every table has the columns that drizzle knows, with their types, and no others", async () => {
    const tables = Object.values({ ...schema, ...applicationSchema }).filter((value) => is(value, PgTable));
    expect(tables.length).toBeGreaterThan(40);
    for (const table of tables) {
      const { rows } = await bench.store.db.execute<{ name: string; type: string; nullable: string }>(
        sql`select column_name as name, data_type as type, is_nullable as nullable from information_schema.columns where table_name = ${getTableName(table)}`,
      );
      const inDatabase = rows.map(({ name, type, nullable }) => `${name} ${type} ${nullable}`).sort();
      const inDrizzle = Object.values(getTableColumns(table)).map(
        (column) => `${column.name} ${column.getSQLType()} ${column.notNull || column.primary ? "NO" : "YES"}`,
      );
      expect(inDatabase, getTableName(table)).toEqual(inDrizzle.sort());
    }
  });

  if (kind === "postgresql") {
    test("a transaction whose server fell silent does not hold its locks for ever", async () => {
      const { rows } = await bench.store.db.execute(sql`show idle_in_transaction_session_timeout`);
      expect(rows).toEqual([{ idle_in_transaction_session_timeout: "1min" }]);
    });

    test("a connection that breaks in the middle of a transaction fails that transaction, and nothing else", async () => {
      const { db } = bench.store;
      const unheard: unknown[] = [];
      const hear = (error: unknown): void => void unheard.push(error);
      process.on("uncaughtException", hear);
      const broken = bench.store.transaction(async (tx) => {
        await tx.insert(schema.settings).values({ name: "broken", value: 1 });
        const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
        await db.execute(sql`select pg_terminate_backend(${rows[0]?.pid ?? 0})`);
        await sleep(100); // the news arrives while nothing is asked
        await tx.execute(sql`select 1`);
      });
      await expect(broken).rejects.toThrow();
      expect(await db.select().from(schema.settings)).toEqual([]);
      process.off("uncaughtException", hear);
      expect(unheard).toEqual([]);
    });
  }

  test("a transaction that fails leaves nothing", async () => {
    const { db } = bench.store;
    await expect(
      bench.store.transaction(async (tx) => {
        await tx.insert(schema.settings).values({ name: "half", value: 1 });
        throw new Error("stop");
      }),
    ).rejects.toThrow("stop");
    expect(await db.select().from(schema.settings)).toEqual([]);
  });

  test("bytes come back as they were", async () => {
    const digest = new Uint8Array([0, 1, 0x5c, 0x27, 0xff]);
    await bench.store.transaction(async (tx) => {
      await tx.insert(schema.signInChallenges).values({ digest, expiresAt: new Date(0) });
      const [row] = await tx.select().from(schema.signInChallenges);
      expect(row?.digest).toEqual(digest);
      expect(row?.expiresAt).toEqual(new Date(0));
    });
  });

  test("a store of a newer Sceau is left alone", async () => {
    await bench.store.db.execute(sql`insert into migrations (number, name) values (99, 'of tomorrow')`);
    await expect(migrate(bench.store)).rejects.toBeInstanceOf(NewerStoreError);
    await bench.store.db.execute(sql`delete from migrations where number = 99`);
  });
});

test("a folder is one process's at a time", async () => {
  const folder = temporaryFolder();
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toBeInstanceOf(FolderInUseError);
  await lock.release();
  await (await lockFolder(folder)).release();
});

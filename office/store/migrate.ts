// Brings a database to the newest form: each migration once, in order, all in one transaction. Two servers that start at once wait for
// each other.

import { sql } from "drizzle-orm";
import { GROUND } from "./migrations/0001-ground.ts";
import { APPLICATIONS } from "./migrations/0002-applications.ts";
import type { Store } from "./store.ts";

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly script: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: "ground", script: GROUND },
  { number: 2, name: "applications", script: APPLICATIONS },
];

/** Any number that nobody else takes for an advisory lock of this database. */
const MIGRATION_LOCK = 0x5cea_0001;

/** The database was written by a newer Sceau: this one would not understand it. */
export class NewerStoreError extends Error {
  override readonly name = "NewerStoreError";
}

/** @throws NewerStoreError, and nothing has changed */
export async function migrate(store: Store): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await tx.execute(
      sql`create table if not exists migrations (number integer primary key, name text not null, at timestamptz not null default now())`,
    );
    const { rows } = await tx.execute<{ number: number }>(sql`select number from migrations order by number`);
    const done = new Set(rows.map(({ number }) => number));
    const newest = Math.max(0, ...done);
    if (newest > MIGRATIONS.length) throw new NewerStoreError(`migration ${newest} is unknown here`);
    for (const { number, name, script } of MIGRATIONS) {
      if (done.has(number)) continue;
      for (const statement of script.trim().split(/\n{2,}/)) await tx.execute(sql.raw(statement));
      await tx.execute(sql`insert into migrations (number, name) values (${number}, ${name})`);
    }
  });
}

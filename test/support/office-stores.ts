// The office's database in both its forms, for tests that must hold on both.

import { join } from "node:path";
import { migrate } from "../../office/store/migrate.ts";
import { openFolder, openPostgres, type Store } from "../../office/store/store.ts";
import type { RunningPostgres } from "./postgres.ts";
import { startPostgres } from "./postgres.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export const STORE_KINDS = ["pglite", "postgresql"] as const;
/** The first open of PGlite makes its files; initdb does for PostgreSQL. */
export const STORE_START_LIMIT_MS = 60_000;

export interface TestStore {
  readonly store: Store;
  close(): Promise<void>;
}

export async function openTestStore(kind: (typeof STORE_KINDS)[number]): Promise<TestStore> {
  let postgres: RunningPostgres | null = null;
  if (kind === "postgresql") postgres = await startPostgres();
  const store = postgres === null ? await openFolder(join(temporaryFolder(), "db")) : await openPostgres(await postgres.newDatabase());
  await migrate(store);
  return {
    store,
    close: async () => {
      await store.close();
      await postgres?.stop();
    },
  };
}

// The office's database in both its forms, for tests that must hold on both.

import { join } from "node:path";
import { migrate } from "../../office/store/migrate.ts";
import { openFolder, openPostgres, type Store } from "../../office/store/store.ts";
import { copyTemplate } from "./pglite-template.ts";
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

async function openCopy(): Promise<Store> {
  const folder = join(temporaryFolder(), "db");
  await copyTemplate(folder);
  return openFolder(folder);
}

export async function openTestStore(kind: (typeof STORE_KINDS)[number]): Promise<TestStore> {
  let postgres: RunningPostgres | null = null;
  if (kind === "postgresql") postgres = await startPostgres();
  const store = postgres === null ? await openCopy() : await openPostgres(await postgres.newDatabase());
  await migrate(store);
  return {
    store,
    close: async () => {
      await store.close();
      await postgres?.stop();
    },
  };
}

// The store at the start: opened, seen to answer, and brought to the newest form.

import { sql } from "drizzle-orm";
import { migrate } from "../store/migrate.ts";
import { openFolder, openPostgres, type Store } from "../store/store.ts";
import { DatabaseUnreachableError } from "./start-errors.ts";

/** The first code among an error's causes. */
function codeOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
  }
  return "unknown";
}

async function reach(url: string): Promise<Store> {
  let store: Store | null = null;
  try {
    store = await openPostgres(url);
    await store.db.execute(sql`select 1`);
    return store;
  } catch (error) {
    await store?.close();
    // Without the error itself: an address that cannot be read is in it, password and all.
    throw new DatabaseUnreachableError(codeOf(error));
  }
}

/** @param url postgres://…; null: PGlite in the folder. @throws FolderInUseError, DatabaseUnreachableError, NewerStoreError */
export async function openOfficeStore(url: string | null, folder: string): Promise<Store> {
  const store = url === null ? await openFolder(folder) : await reach(url);
  try {
    await migrate(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

// The office's database: PGlite in a folder, or PostgreSQL by its address. Same SQL, same migrations; whoever uses it does not know which.

import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import pg from "pg";
import { lockFolder } from "./folder-lock.ts";
import * as schema from "./schema.ts";

/** What queries are made with; inside a transaction, the transaction's. */
export type Database = PgDatabase<QueryResult, typeof schema>;

/** Of a raw query, both drivers give rows. */
interface QueryResult extends PgQueryResultHKT {
  readonly type: Rows<this["row"]>;
}

interface Rows<T> {
  readonly rows: T[];
}

export interface Store {
  readonly kind: "pglite" | "postgresql";
  readonly db: Database;
  /** All of `work`, or nothing. */
  transaction<T>(work: (tx: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 10;
/** Rather an error than a request that waits for ever for a database, or for one of its connections. */
const CONNECTION_LIMIT_MS = 30_000;
/**
 * A server that loses its power or its network ends no transaction: until TCP noticed (hours), its locks, the audit trail's end among them, would
 * hold up every other server. Longer than an HSM signs, or than whoever reads a backup stops.
 */
const IDLE_TRANSACTION_LIMIT_MS = 60_000;

/**
 * One process at a time.
 * @throws FolderInUseError
 */
export async function openFolder(folder: string): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder);
  try {
    const client = await PGlite.create(folder);
    const db = drizzlePglite(client, { schema }) as unknown as Database;
    return {
      kind: "pglite",
      db,
      transaction: (work) => db.transaction(work as never) as never,
      close: async () => {
        await client.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** @param address postgres://… */
export async function openPostgres(address: string): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: address,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECTION_LIMIT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_LIMIT_MS,
    keepAlive: true,
  });
  // Also while a transaction has it and asks nothing (the CA's key signs): its next query fails, and nobody else's. Unheard, it would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("error", () => {}); // a connection that breaks while nobody uses it: the next query opens another, or tells
  const db = drizzlePg(pool, { schema }) as unknown as Database;
  return { kind: "postgresql", db, transaction: (work) => db.transaction(work as never) as never, close: () => pool.end() };
}

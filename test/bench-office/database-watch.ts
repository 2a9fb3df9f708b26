// What PostgreSQL says of its connections while the load runs: looked at again and again, from a connection of its own.

import pg from "pg";

const EVERY_MS = 50;
// Only the office's: not the one that asks.
const COUNT = `
  select count(*)::int as open,
         count(*) filter (where state <> 'idle')::int as busy,
         count(*) filter (where wait_event_type = 'Lock')::int as waiting
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
// Who waits for a lock, and what whoever has it does meanwhile; who waits themselves in the queue has nothing yet.
const WAITS = `
  select waiting.query, holder.state, holder.wait_event as "waitEvent", count(*)::int
  from pg_stat_activity waiting
  cross join lateral unnest(pg_blocking_pids(waiting.pid)) as blocking(pid)
  join pg_stat_activity holder on holder.pid = blocking.pid
  where waiting.datname = current_database() and waiting.wait_event_type = 'Lock' and holder.wait_event_type is distinct from 'Lock'
  group by 1, 2, 3`;

export interface DatabasePeaks {
  readonly open: number;
  /** In a transaction or a query. */
  readonly busy: number;
  /** For a lock that another one has. */
  readonly waiting: number;
}

export interface LockWait {
  /** Whose row. */
  readonly table: string;
  /** What its holder does: «between two queries», or what PostgreSQL says that it waits for. */
  readonly holder: string;
  /** Of all waits that were seen, 0 to 1. */
  readonly share: number;
}

interface WaitRow {
  readonly query: string;
  readonly state: string;
  readonly waitEvent: string | null;
  readonly count: number;
}

const tableOf = (query: string): string => /(?:from|update|into) "?(\w+)"?/i.exec(query)?.[1] ?? "unknown";

function holderOf({ state, waitEvent }: WaitRow): string {
  if (state === "idle in transaction") return "between two queries";
  return waitEvent ?? "computes";
}

export class DatabaseWatch {
  readonly #client: pg.Client;
  readonly #waits = new Map<string, number>();
  #isOver = false;
  #watching: Promise<DatabasePeaks> | null = null;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async start(database: string): Promise<DatabaseWatch> {
    const watch = new DatabaseWatch(new pg.Client({ connectionString: database }));
    await watch.#client.connect();
    watch.#watching = watch.#watch();
    watch.#watching.catch(() => {}); // `stop` tells it
    return watch;
  }

  async stop(): Promise<DatabasePeaks & { readonly lockWaits: readonly LockWait[] }> {
    this.#isOver = true;
    try {
      const peaks = (await this.#watching) ?? { open: 0, busy: 0, waiting: 0 };
      return { ...peaks, lockWaits: this.#lockWaits() };
    } finally {
      await this.#client.end();
    }
  }

  /** The most frequent first. */
  #lockWaits(): LockWait[] {
    const all = [...this.#waits.values()].reduce((sum, count) => sum + count, 0);
    return [...this.#waits]
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => {
        const [table = "", holder = ""] = name.split("|");
        return { table, holder, share: count / all };
      });
  }

  async #watch(): Promise<DatabasePeaks> {
    let [open, busy, waiting] = [0, 0, 0];
    while (!this.#isOver) {
      const { rows } = await this.#client.query<DatabasePeaks>(COUNT);
      open = Math.max(open, rows[0]?.open ?? 0);
      busy = Math.max(busy, rows[0]?.busy ?? 0);
      waiting = Math.max(waiting, rows[0]?.waiting ?? 0);
      if ((rows[0]?.waiting ?? 0) > 0) await this.#lookAtWaits();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return { open, busy, waiting };
  }

  async #lookAtWaits(): Promise<void> {
    for (const row of (await this.#client.query<WaitRow>(WAITS)).rows) {
      const name = `${tableOf(row.query)}|${holderOf(row)}`;
      this.#waits.set(name, (this.#waits.get(name) ?? 0) + row.count);
    }
  }
}

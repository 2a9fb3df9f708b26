// What PostgreSQL says of its connections while the load runs: looked at again and again, from a connection of its own.

import pg from "pg";

const EVERY_MS = 50;
// Only the office's: not the one that asks.
const COUNT = `
  select count(*)::int as open,
         count(*) filter (where state <> 'idle')::int as busy,
         count(*) filter (where wait_event_type = 'Lock')::int as waiting
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;

export interface DatabasePeaks {
  readonly open: number;
  /** In a transaction or a query. */
  readonly busy: number;
  /** For a lock that another one has. */
  readonly waiting: number;
}

export class DatabaseWatch {
  readonly #client: pg.Client;
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

  async stop(): Promise<DatabasePeaks> {
    this.#isOver = true;
    try {
      return (await this.#watching) ?? { open: 0, busy: 0, waiting: 0 };
    } finally {
      await this.#client.end();
    }
  }

  async #watch(): Promise<DatabasePeaks> {
    let [open, busy, waiting] = [0, 0, 0];
    while (!this.#isOver) {
      const { rows } = await this.#client.query<DatabasePeaks>(COUNT);
      open = Math.max(open, rows[0]?.open ?? 0);
      busy = Math.max(busy, rows[0]?.busy ?? 0);
      waiting = Math.max(waiting, rows[0]?.waiting ?? 0);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return { open, busy, waiting };
  }
}

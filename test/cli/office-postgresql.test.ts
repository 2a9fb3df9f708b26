// `sceau office` on PostgreSQL: two servers that share it do each job once; a backup goes from one kind of store to the other; no password is told.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TABLES } from "../../office/backup/tables.ts";
import { schedule } from "../../office/jobs/jobs.ts";
import { AUDIT_HEAD_JOB } from "../../office/process/office-jobs.ts";
import { issuers } from "../../office/store/schema.ts";
import { openPostgres, type Store } from "../../office/store/store.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { mustRun, type Outcome, sceau } from "../support/run.ts";

const JOBS = 40;
let folder: string;
let postgres: RunningPostgres;
let database: string;
let servers: OfficeProcess[] = [];
let store: Store;

const state = (): string => join(folder, "s");
const command = (url: string, where: string, ...words: string[]): Outcome =>
  sceau(["office", ...words, "--state", where], { env: { DATABASE_URL: url } });
const start = async (): Promise<OfficeProcess> =>
  OfficeProcess.start({
    state: state(),
    port: await freePort(),
    args: ["--public-url", "http://127.0.0.1:8440"],
    env: { DATABASE_URL: database },
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-office-pg-"));
  postgres = await startPostgres();
  database = await postgres.newDatabase();
  servers = await Promise.all([start(), start()]);
  store = await openPostgres(database);
}, OFFICE_START_LIMIT_MS);

afterAll(async () => {
  await store.close();
  await Promise.all(servers.map((server) => server.stop()));
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("two servers on one PostgreSQL, started at once", () => {
  it("make one authority, one office and one first officer between them", async () => {
    expect(servers.filter(({ told }) => told.has("first-officer"))).toHaveLength(1);
    expect(servers.filter(({ told }) => told.has("authority"))).toHaveLength(1);
    const count = async (table: string): Promise<unknown> =>
      (await store.db.execute(sql`select count(*)::int as count from ${sql.identifier(table)}`)).rows[0];
    for (const [table, expected] of Object.entries({ offices: 1, officers: 1, issuers: 2, migrations: 1 }))
      expect([table, await count(table)]).toEqual([table, { count: expected }]);
    expect(JSON.parse(command(database, state(), "status", "--json").stdout)).toMatchObject({ kind: "postgresql" });
  });

  it("do each job once", async () => {
    // Of one another: a head at each end of the trail, so that every job leaves a row.
    for (let i = 0; i < JOBS; i++) {
      await schedule(store.db, { kind: AUDIT_HEAD_JOB, key: `${AUDIT_HEAD_JOB}:test-${i}`, dueAt: new Date() });
    }
    const undone = async (): Promise<number> => {
      const { rows } = await store.db.execute<{ count: number }>(
        sql`select count(*)::int as count from jobs where key like '%:test-%' and done_at is null`,
      );
      return rows[0]?.count ?? -1;
    };
    for (let waitedMs = 0; (await undone()) > 0 && waitedMs < 20_000; waitedMs += 200) await sleep(200);
    expect(await undone()).toBe(0);
    const { rows } = await store.db.execute<{ attempts: number; errors: number }>(
      sql`select sum(attempts)::int as attempts, count(last_error)::int as errors from jobs where key like '%:test-%'`,
    );
    expect(rows).toEqual([{ attempts: JOBS, errors: 0 }]);
    const heads = await store.db.execute(sql`select number from audit_heads`);
    expect(heads.rows).toHaveLength(1);
    expect(command(database, state(), "audit", "--verify").status).toBe(0);
  });

  it(
    "the one that is left goes on when the other is killed",
    async () => {
      const [first, second] = servers;
      await first?.kill();
      expect((await fetch(`${second?.told.get("ready")?.["address"]}/ca`)).status).toBe(200);
      servers = servers.slice(1);
      servers.push(await start());
    },
    OFFICE_START_LIMIT_MS,
  );
});

/** Restoring raises the numbers of the lists, and adds the jobs of the next ones. */
const RENUMBERED: ReadonlySet<string> = new Set(["issuers", "jobs"]);

async function crlNumber(answer: Response): Promise<number> {
  const list = join(folder, "list.crl");
  writeFileSync(list, new Uint8Array(await answer.arrayBuffer()));
  const text = mustRun("openssl", ["crl", "-inform", "DER", "-in", list, "-noout", "-crlnumber"]);
  return Number.parseInt(text.replace("crlNumber=0x", "").replace("crlNumber=", ""), 16);
}

describe("a backup of an office on PostgreSQL", () => {
  it(
    "becomes one on another PostgreSQL, or on PGlite: the same rows",
    async () => {
      const [backup, passphrase] = [join(folder, "b.sceau"), join(folder, "passphrase.txt")];
      writeFileSync(passphrase, "une phrase assez longue\n");
      await Promise.all(servers.map((server) => server.stop()));
      servers = [];
      expect(command(database, state(), "backup", backup, "--passphrase-file", passphrase).status).toBe(0);
      const fresh = await postgres.newDatabase();
      expect(command(fresh, join(folder, "r"), "restore", backup, "--passphrase-file", passphrase)).toMatchObject({ status: 0 });
      const other = await openPostgres(fresh);
      for (const table of TABLES) {
        if (RENUMBERED.has(table)) continue;
        const text = sql`select to_json(t)::text as row from ${sql.identifier(table)} t order by 1`;
        expect((await other.db.execute(text)).rows, table).toEqual((await store.db.execute(text)).rows);
      }
      const numbers = async ({ db }: Store): Promise<[string, number][]> =>
        (await db.select().from(issuers).orderBy(issuers.name)).map(({ name, crlNumber }) => [name, crlNumber]);
      const expected = (await numbers(store)).map(([name, number]) => [name, name === "root" ? number : number + 1_000_000]);
      expect(await numbers(other)).toEqual(expected);
      await other.close();
      // Again into the same database, from another folder: there is an office in it.
      expect(command(fresh, join(folder, "r2"), "restore", backup, "--passphrase-file", passphrase, "--json").stdout).toContain(
        "not-empty",
      );
      expect(command("", join(folder, "p"), "restore", backup, "--passphrase-file", passphrase)).toMatchObject({ status: 0 });
      const port = await freePort();
      const moved = await OfficeProcess.start({ state: join(folder, "p"), port });
      expect(moved.ready).toMatchObject({ kind: "pglite", url: "http://127.0.0.1:8440" });
      // The list that comes at once has a number beyond all that were published since the backup.
      await expect
        .poll(async () => crlNumber(await fetch(`${moved.ready["address"]}/crl/issuing.crl`)), { timeout: 20_000 })
        .toBeGreaterThan(1_000_000);
      expect(command("", join(folder, "p"), "audit", "--verify").status).toBe(0);
      await moved.stop();
    },
    2 * OFFICE_START_LIMIT_MS,
  );

  it.each(["postgres://sceau:geheimnis@127.0.0.1:1/office", "postgres://sceau:geheimnis@[bad/office"])(
    "an address that leads nowhere is told without its password: %s",
    (url) => {
      const { status, stdout, stderr } = command(url, join(folder, "n"), "--port", "8440");
      expect([status, `${stdout}${stderr}`.includes("geheimnis")]).toEqual([5, false]);
      expect(stderr).toContain("DATABASE_URL");
    },
  );
});

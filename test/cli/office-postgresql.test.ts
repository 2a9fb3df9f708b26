// `sceau office` on PostgreSQL: two servers that share it do each job once; a backup goes from one kind of store to the other; no password is told.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TABLES } from "../../office/backup/tables.ts";
import { schedule } from "../../office/jobs/jobs.ts";
import { AUDIT_HEAD_JOB } from "../../office/process/office-jobs.ts";
import { MIGRATIONS } from "../../office/store/migrate.ts";
import { issuers } from "../../office/store/schema.ts";
import { openPostgres, type Store } from "../../office/store/store.ts";
import { beginAll, Endings } from "../support/endings.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { mustRun, type Outcome, ROOT, run, sceau } from "../support/run.ts";

const JOBS = 40;
/** A server looks for the socket twice a second. */
const COMMANDS_WITHIN = { timeout: 10_000 };
let folder: string;
let postgres: RunningPostgres;
let database: string;
let servers: OfficeProcess[] = [];
let store: Store;

const state = (): string => join(folder, "s");
const command = (url: string, where: string, ...words: string[]): Outcome =>
  sceau(["office", ...words, "--state", where], { env: { DATABASE_URL: url } });
/** The server that `sceau office status` reaches; null: none. */
function commandsGoTo(): number | null {
  const { status, stdout } = command(database, state(), "status", "--json");
  return status === 0 ? (JSON.parse(stdout) as { pid: number }).pid : null;
}
const start = async (): Promise<OfficeProcess> =>
  OfficeProcess.start({
    state: state(),
    port: await freePort(),
    args: ["--public-url", "http://127.0.0.1:8440"],
    env: { DATABASE_URL: database },
  });

const endings = new Endings();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-office-pg-"));
  endings.add(() => rmSync(folder, { recursive: true, force: true }));
  postgres = await startPostgres();
  endings.add(() => postgres.stop());
  database = await postgres.newDatabase();
  endings.add(() => Promise.all(servers.map((server) => server.stop())));
  await beginAll([start, start], (server) => servers.push(server));
  store = await openPostgres(database);
  endings.add(() => store.close());
}, OFFICE_START_LIMIT_MS);

afterAll(() => endings.run());

describe("two servers on one PostgreSQL, started at once", () => {
  it("make one authority, one office and one first officer between them", async () => {
    expect(servers.filter(({ told }) => told.has("first-officer"))).toHaveLength(1);
    expect(servers.filter(({ told }) => told.has("authority"))).toHaveLength(1);
    const count = async (table: string): Promise<unknown> =>
      (await store.db.execute(sql`select count(*)::int as count from ${sql.identifier(table)}`)).rows[0];
    for (const [table, expected] of Object.entries({ offices: 1, officers: 1, issuers: 2, migrations: MIGRATIONS.length }))
      expect([table, await count(table)]).toEqual([table, { count: expected }]);
    expect(JSON.parse(command(database, state(), "status", "--json").stdout)).toMatchObject({ kind: "postgresql" });
  });

  it("do each job once", async () => {
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
    // One head for one end of the trail, however many jobs signed it.
    const heads = await store.db.execute<{ newest: number; end: number }>(
      sql`select max(h.number)::int as newest, max(e.number)::int as end from audit_heads h, audit_end e`,
    );
    expect(heads.rows[0]?.newest).toBe(heads.rows[0]?.end);
    expect(command(database, state(), "audit", "--verify").status).toBe(0);
  });

  it(
    "the one that is left goes on when the other is killed, and takes the commands; the next takes them when that one stops",
    async () => {
      const answers = (): number | null => commandsGoTo();
      const ofPid = (pid: number | null): OfficeProcess => {
        const server = servers.find(({ ready }) => ready["pid"] === pid);
        if (server === undefined) throw new Error(`no server of ours has the commands: ${pid}`);
        return server;
      };
      const first = ofPid(answers());
      await first.kill();
      servers = servers.filter((server) => server !== first);
      const [second] = servers as [OfficeProcess];
      expect((await fetch(`${second.ready["address"]}/ca`)).status).toBe(200);
      await expect.poll(answers, COMMANDS_WITHIN).toBe(second.ready["pid"]);
      expect(command(database, state(), "officer", "list").status).toBe(0);
      const third = await start();
      servers.push(third);
      expect(answers()).toBe(second.ready["pid"]);
      expect(await second.stop()).toBe(0);
      servers = [third];
      await expect.poll(answers, COMMANDS_WITHIN).toBe(third.ready["pid"]);
    },
    OFFICE_START_LIMIT_MS,
  );
});

it(
  "an error that nobody expected ends with exit code 70, its name, message and place on standard error, and no password",
  async () => {
    const where = join(folder, "x");
    mkdirSync(join(where, "office", "office.sock"), { recursive: true }); // a folder, where the socket is to be
    const url = (await postgres.newDatabase()).replace("sceau@", "sceau:geheimnis@");
    // As it is, not from the tests' bundle: places are told by its files.
    const program = join(ROOT, "cli", "sceau.mjs");
    for (const words of [[], ["--json"]]) {
      const all = [program, "office", "--port", String(await freePort()), ...words, "--state", where];
      const { status, stdout, stderr } = run(process.execPath, all, { env: { DATABASE_URL: url } });
      expect([status, `${stdout}${stderr}`.includes("geheimnis")]).toEqual([70, false]);
      expect(stderr).toMatch(/Error: EISDIR.*\n\s+at .*\n(?:.*\n)*.*admin-socket\.js/);
      expect(words.length === 0 ? stderr : stdout).toContain("Sceau: EISDIR");
    }
  },
  OFFICE_START_LIMIT_MS,
);

/** Restoring raises the numbers of the lists, adds the jobs of the next ones, writes into the audit trail that it took place, and ends open codes. */
const CHANGED: ReadonlySet<string> = new Set(["issuers", "jobs", "audit_events", "audit_end", "one_time_links"]);

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
        if (CHANGED.has(table)) continue;
        const text = sql`select to_json(t)::text as row from ${sql.identifier(table)} t order by 1`;
        expect((await other.db.execute(text)).rows, table).toEqual((await store.db.execute(text)).rows);
      }
      const events = sql`select to_json(t)::text as row, action from audit_events t order by number`;
      const restored = (await other.db.execute<{ row: string; action: string }>(events)).rows;
      expect(restored.at(-1)?.action).toBe("office.restore");
      expect(restored.slice(0, -1)).toEqual((await store.db.execute(events)).rows);
      const { rows: links } = await other.db.execute(sql`select 1 from one_time_links where used_at is null`);
      expect(links).toEqual([]);
      const numbers = async ({ db }: Store): Promise<[string, number][]> =>
        (await db.select().from(issuers).orderBy(issuers.name)).map(({ name, crlNumber }) => [name, crlNumber]);
      const expected = (await numbers(store)).map(([name, number]) => [name, name === "root" ? number : number + 1_000_000]);
      expect(await numbers(other)).toEqual(expected);
      await other.close();
      // Again into the same database, from another folder: there is an office in it.
      expect(command(fresh, join(folder, "r2"), "restore", backup, "--passphrase-file", passphrase, "--json").stdout).toContain(
        "not-empty",
      );
      const moving = command("", join(folder, "p"), "restore", backup, "--passphrase-file", passphrase, "--lang", "fr");
      expect(moving).toMatchObject({ status: 0, stdout: expect.stringMatching(/DE NOUVEAU VALABLES[\s\S]*invitez de nouveau/) });
      const port = await freePort();
      const moved = await OfficeProcess.start({ state: join(folder, "p"), port });
      expect(moved.ready).toMatchObject({ kind: "pglite", url: "http://127.0.0.1:8440" });
      // The list that comes at once has a number beyond all that were published since the backup.
      await expect
        .poll(async () => crlNumber(await fetch(`${moved.ready["address"]}/crl/issuing.crl`)), { timeout: 20_000 })
        .toBeGreaterThan(1_000_000);
      expect(command("", join(folder, "p"), "audit", "--verify").status).toBe(0);
      await moved.stop();
      // With that list: what it revokes is revoked again, and its number is known. What is no list ends the restore before it begins.
      const third = await postgres.newDatabase();
      const withList = (list: string) =>
        command(third, join(folder, "q"), "restore", backup, "--passphrase-file", passphrase, "--crl", join(folder, list), "--json");
      expect(withList("passphrase.txt").stdout).toContain("crl-unreadable");
      expect(existsSync(join(folder, "q", "office"))).toBe(false);
      expect(JSON.parse(withList("list.crl").stdout)).toMatchObject({ crls: [{ issuer: "issuing", revoked: 0, unknown: 0 }] });
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

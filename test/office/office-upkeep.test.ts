// What the office does by itself, hour by hour; and backups whose lines somebody has written who must not.

import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { asc, eq, like, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AuditReport, verifyAuditTrail } from "../../office/audit/audit-verification.ts";
import { HeadFile } from "../../office/audit/head-file.ts";
import { restoreBackup } from "../../office/backup/restore.ts";
import { openSealed, sealInto } from "../../office/backup/sealed-file.ts";
import { TABLES } from "../../office/backup/tables.ts";
import { DAY_MS, HOUR_MS, wholeSeconds } from "../../office/issuance/clock.ts";
import { publishCrl } from "../../office/issuance/crl.ts";
import { type JobHandler, runDueJobs, schedule } from "../../office/jobs/jobs.ts";
import { countJobs, keepHeads, officeJobs, runJobLoop, scheduleOfficeJobs, signHeadNow } from "../../office/process/office-jobs.ts";
import { spendTry } from "../../office/registration/limits.ts";
import { newSecret } from "../../office/registration/secret.ts";
import { readCrl } from "../../office/status/published-issuers.ts";
import { MIGRATIONS } from "../../office/store/migrate.ts";
import { crls, issuers, jobs, limits, signInChallenges } from "../../office/store/schema.ts";
import { IssuanceBench } from "../support/issuance-bench.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testSealing } from "../support/test-sealing.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

async function numbersOf({ db }: TestStore["store"], name: string): Promise<number[]> {
  const rows = await db
    .select({ number: crls.number })
    .from(crls)
    .innerJoin(issuers, eq(issuers.id, crls.issuerId))
    .where(eq(issuers.name, name))
    .orderBy(asc(crls.number));
  return rows.map(({ number }) => number);
}

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, NOW);
    await scheduleOfficeJobs(bench.desk);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const headFile = (): HeadFile => new HeadFile(bench.path("audit.heads"));
  const applications = () => ({ store: bench.store, clock: bench.desk.clock, sealing: testSealing, publicUrl: "http://127.0.0.1:8440" });
  const desks = () => ({ issuance: bench.desk, applications: applications(), mailer: { send: async () => {} } });
  const run = (): Promise<number> => runDueJobs(bench.store, officeJobs(desks(), { key: privateKey, file: headFile() }), () => bench.now);
  const verify = (): Promise<AuditReport> => verifyAuditTrail(bench.store.db, publicKey, { now: bench.now, file: headFile().read() });
  const toCome = async (kindOfJob: string): Promise<Date[]> => {
    const rows = await bench.store.db
      .select()
      .from(jobs)
      .where(like(jobs.key, `${kindOfJob}:%`))
      .orderBy(asc(jobs.dueAt));
    return rows.filter(({ doneAt }) => doneAt === null).map(({ dueAt }) => dueAt);
  };

  test("the audit trail's end is signed every ten minutes, and one such job is always to come", async () => {
    expect(await toCome("audit.head")).toEqual([new Date("2026-03-01T10:30:00Z")]);
    await scheduleOfficeJobs(bench.desk); // another server starts
    bench.later(10 * 60_000);
    expect(await run()).toBe(1);
    expect(await toCome("audit.head")).toEqual([new Date("2026-03-01T10:40:00Z")]);
    expect(await verify()).toMatchObject({ heads: 1, outside: 1, fault: null });
  });

  test("after a long pause it is done once, and goes on from now", async () => {
    bench.later(3 * HOUR_MS);
    await run();
    expect(await toCome("audit.head")).toEqual([new Date("2026-03-01T13:40:00Z")]);
    expect(await toCome("sweep")).toEqual([new Date("2026-03-01T14:00:00Z")]);
  });

  test("a server that starts signs what the one before has left", async () => {
    const before = headFile().read().records.length;
    await bench.issued();
    await signHeadNow(bench.desk, { key: privateKey, file: headFile() });
    await signHeadNow(bench.desk, { key: privateKey, file: headFile() });
    expect(headFile().read().records).toHaveLength(before + 1);
    expect(await verify()).toMatchObject({ outside: before + 1, fault: null });
  });

  test("a trail that nobody signs any more is told, with the time since when", async () => {
    await signHeadNow(bench.desk, { key: privateKey, file: headFile() });
    await bench.issued();
    const since = bench.now.toISOString();
    bench.later(20 * 60_000);
    expect((await verify()).fault).toBeNull();
    bench.later(1);
    expect((await verify()).fault).toMatchObject({ fault: "no-head", since });
    await run();
    expect((await verify()).fault).toBeNull();
  });

  test("whoever puts off the job that signs in the database puts off nothing: each server signs by itself", async () => {
    const audit = { key: privateKey, file: headFile() };
    await signHeadNow(bench.desk, audit);
    const isSigning = like(jobs.key, "audit.head:%");
    const before = await bench.store.db.select().from(jobs).where(isSigning);
    await bench.store.db.update(jobs).set({ doneAt: bench.now }).where(isSigning);
    await bench.issued();
    const lines = () => headFile().read().records.length;
    const known = lines();
    bench.later(10 * 60_000);
    await run();
    await keepHeads(bench.desk, audit); // the job may still come
    expect(lines()).toBe(known);
    bench.later(61_000);
    await run();
    await keepHeads(bench.desk, audit);
    await keepHeads(bench.desk, { ...audit, file: headFile() }); // another server of the folder
    expect(lines()).toBe(known + 1);
    bench.later(60 * 60_000);
    await keepHeads(bench.desk, audit); // nothing new to sign
    expect(lines()).toBe(known + 1);
    expect((await verify()).fault).toBeNull();
    for (const { id, doneAt } of before) await bench.store.db.update(jobs).set({ doneAt }).where(eq(jobs.id, id));
  });

  test("a list of jobs that cannot be read keeps nobody from what each server does besides", async () => {
    const told: unknown[] = [];
    const broken = { ...bench.store, db: { execute: () => Promise.reject(new Error("no such table")) } } as unknown as typeof bench.store;
    await new Promise<void>((resolve) => {
      const loop = runJobLoop({
        store: broken,
        handlers: new Map(),
        clock: bench.desk.clock,
        everyMs: 60_000,
        failed: (error) => told.push(error),
        besides: async () => {
          resolve();
          void loop.stop();
        },
      });
    });
    expect(told).toHaveLength(1);
  });

  test("what is over for a week is forgotten, what is not, stays", async () => {
    const challenge = async (expiresInMs: number): Promise<void> => {
      const { digest } = newSecret();
      await bench.store.db.insert(signInChallenges).values({ digest, expiresAt: new Date(bench.now.getTime() + expiresInMs) });
    };
    await challenge(120_000);
    await spendTry(bench.store, [{ subject: "old", count: 9, windowMs: HOUR_MS }], bench.now);
    bench.later(8 * DAY_MS);
    await challenge(-6 * DAY_MS);
    await challenge(120_000);
    await spendTry(bench.store, [{ subject: "new", count: 9, windowMs: HOUR_MS }], bench.now);
    await run();
    expect(await bench.store.db.select().from(signInChallenges)).toHaveLength(2);
    expect((await bench.store.db.select().from(limits)).map(({ subject }) => subject)).toEqual(["new"]);
    const old = await bench.store.db.select().from(jobs).where(like(jobs.key, "audit.head:%"));
    expect(old.filter(({ doneAt }) => doneAt !== null)).toHaveLength(1);
  });

  test("a job that is done is forgotten after a week, whatever it was; one that fails stays, and is told", async () => {
    const { store } = bench;
    const [done, failing] = ["mail:done", "mail:failing"];
    for (const key of [done, failing]) await schedule(store.db, { kind: "mail", key, dueAt: bench.now });
    const mail: JobHandler = async (_tx, { key }) => {
      if (key === failing) throw new RangeError("no such host");
    };
    await runDueJobs(store, new Map([["mail", mail]]), () => bench.now);
    const keysOf = async (): Promise<string[]> =>
      (await store.db.select().from(jobs).where(eq(jobs.kind, "mail")).orderBy(asc(jobs.key))).map(({ key }) => key);
    const both = officeJobs(desks(), { key: privateKey, file: headFile() });
    const work = () => runDueJobs(store, new Map([...both, ["mail", mail]]), () => bench.now);
    bench.later(6 * DAY_MS);
    await work();
    expect(await keysOf()).toEqual([done, failing]);
    bench.later(2 * DAY_MS);
    await work();
    expect(await keysOf()).toEqual([failing]);
    const counts = await countJobs(store, bench.now);
    expect(counts).toMatchObject({ failing: 1, failures: [{ kind: "mail", attempts: 3, lastError: "RangeError" }] });
    await store.db.delete(jobs).where(eq(jobs.key, failing));
  });

  test("of each issuer the last ten lists are kept, also over a gap in their numbers, and the newest is one of them", async () => {
    const { store, desk } = bench;
    const [issuer] = await store.db.select().from(issuers).where(eq(issuers.isCurrent, true));
    if (issuer === undefined) throw new Error("no issuer");
    const others = (await numbersOf(store, "root")).length;
    for (let i = 0; i < 13; i++) {
      bench.later(1000);
      await store.transaction((tx) => publishCrl(tx, desk.authority, issuer.id, bench.now));
    }
    const full = await numbersOf(store, issuer.name);
    expect(full).toHaveLength(10);
    await store.db.update(issuers).set({ crlNumber: 1_000_000 }).where(eq(issuers.id, issuer.id));
    bench.later(1000);
    await store.transaction((tx) => publishCrl(tx, desk.authority, issuer.id, bench.now));
    expect(await numbersOf(store, issuer.name)).toEqual([...full.slice(1), 1_000_001]);
    expect(await numbersOf(store, "root")).toHaveLength(others);
    const published = await readCrl(store.db, issuer.name, bench.now);
    expect(published?.lastModified).toEqual(wholeSeconds(bench.now));
  });

  test("a backup has every table of the database", async () => {
    const { rows } = await bench.store.db.execute<{ name: string }>(
      sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual([...TABLES, "migrations"].sort());
  });
});

describe("a backup", () => {
  const HEAD = `{"backup":"sceau-office","format":1,"migration":${MIGRATIONS.length},"at":"2026-03-01T10:20:30.000Z"}`;
  const END = '{"end":true,"files":0,"rows":0}';
  let bench: TestStore;
  const folder = temporaryFolder();
  const places = { authorityFolder: join(folder, "a", "ca"), officeFolder: join(folder, "a", "office") };

  beforeAll(async () => {
    bench = await openTestStore("pglite");
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const file = (path: string): string => JSON.stringify({ file: path, content: "AA==" });
  const restore = (...lines: string[]): Promise<unknown> =>
    restoreBackup(bench.store, places, Readable.from([`${lines.join("\n")}\n`]), async () => {});

  test.each<[string, string[], string]>([
    ["of something else", ['{"backup":"other"}'], "not-a-backup"],
    ["of another format", [HEAD.replace('"format":1', '"format":2'), END], "format"],
    ["of a newer database", [HEAD.replace(/"migration":\d+/, '"migration":99'), END], "migration"],
    ["without its end", [HEAD], "incomplete"],
    ["with fewer files than it says", [HEAD, END.replace('"files":0', '"files":1')], "incomplete"],
    ["with more after its end", [HEAD, END, END], "not-a-backup"],
    ["of an unknown table", [HEAD, '{"table":"pg_authid"}', END], "not-a-backup"],
    ["with a file above its folder", [HEAD, file("authority/../../../escaped"), END], "not-a-backup"],
    ["with a file of the system", [HEAD, file("/etc/escaped"), END], "not-a-backup"],
    ["with a file of no folder of ours", [HEAD, file("elsewhere/escaped"), END], "not-a-backup"],
  ])("%s is refused, and leaves nothing", async (_, lines, problem) => {
    await expect(restore(...lines)).rejects.toMatchObject({ problem });
    expect([existsSync(places.authorityFolder), existsSync(join(folder, "escaped")), existsSync("/etc/escaped")]).toEqual([
      false,
      false,
      false,
    ]);
    const { rows } = await bench.store.db.execute(sql`select number from audit_end`);
    expect(rows).toHaveLength(1);
  });

  test("a flipped bit, anywhere in the file, is found before a line is used", async () => {
    const path = join(folder, "sealed");
    writeFileSync(path, "");
    const writer = sealInto(path, "douze lettres au moins");
    await writer.write(`${HEAD}\n`);
    await writer.end();
    const bytes = readFileSync(path);
    for (const at of [8, 24, 36, 40, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      await expect(openSealed(path, "douze lettres au moins")).rejects.toMatchObject({ problem: "passphrase" });
    }
    writeFileSync(path, bytes);
    await expect(openSealed(path, "another passphrase")).rejects.toMatchObject({ problem: "passphrase" });
    const parts: Buffer[] = [];
    for await (const part of await openSealed(path, "douze lettres au moins")) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString()).toBe(`${HEAD}\n`);
    // Changed after it was proved, before it is used: the reader is told, at the latest at its end.
    const proved = await openSealed(path, "douze lettres au moins");
    const changed = Buffer.from(bytes);
    changed[41] = (changed[41] ?? 0) ^ 1; // the time in gzip's header, which its own sum does not cover
    writeFileSync(path, changed);
    const reading = async () => {
      for await (const _ of proved);
    };
    await expect(reading()).rejects.toThrow();
    for (const short of [0, 36, 52]) {
      writeFileSync(path, bytes.subarray(0, short));
      await expect(openSealed(path, "douze lettres au moins")).rejects.toMatchObject({ problem: "not-a-backup" });
    }
  });
});

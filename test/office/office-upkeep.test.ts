// What the office does by itself, hour by hour; and backups whose lines somebody has written who must not.

import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { asc, like, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyAuditTrail } from "../../office/audit/audit-trail.ts";
import { restoreBackup } from "../../office/backup/restore.ts";
import { openSealed, sealInto } from "../../office/backup/sealed-file.ts";
import { TABLES } from "../../office/backup/tables.ts";
import { DAY_MS, HOUR_MS } from "../../office/issuance/clock.ts";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import { officeJobs, scheduleOfficeJobs } from "../../office/process/office-jobs.ts";
import { spendTry } from "../../office/registration/limits.ts";
import { newSecret } from "../../office/registration/secret.ts";
import { jobs, limits, signInChallenges } from "../../office/store/schema.ts";
import { IssuanceBench } from "../support/issuance-bench.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../support/office-stores.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, NOW);
    await scheduleOfficeJobs(bench.desk);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const run = (): Promise<number> => runDueJobs(bench.store, officeJobs(bench.desk, privateKey), () => bench.now);
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
    expect(await verifyAuditTrail(bench.store.db, publicKey)).toMatchObject({ heads: 1, fault: null });
  });

  test("after a long pause it is done once, and goes on from now", async () => {
    bench.later(3 * HOUR_MS);
    await run();
    expect(await toCome("audit.head")).toEqual([new Date("2026-03-01T13:40:00Z")]);
    expect(await toCome("sweep")).toEqual([new Date("2026-03-01T14:00:00Z")]);
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

  test("a backup has every table of the database", async () => {
    const { rows } = await bench.store.db.execute<{ name: string }>(
      sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    expect(rows.map(({ name }) => name).sort()).toEqual([...TABLES, "migrations"].sort());
  });
});

describe("a backup", () => {
  const HEAD = '{"backup":"sceau-office","format":1,"migration":1,"at":"2026-03-01T10:20:30.000Z"}';
  const END = '{"end":true,"files":0,"rows":0}';
  let bench: TestStore;
  const folder = temporaryFolder();
  const places = { authorityFolder: join(folder, "a", "ca"), officeFolder: join(folder, "a", "office") };

  beforeAll(async () => {
    bench = await openTestStore("pglite");
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const file = (path: string): string => JSON.stringify({ file: path, content: "AA==" });
  const restore = (...lines: string[]): Promise<unknown> => restoreBackup(bench.store, places, Readable.from([`${lines.join("\n")}\n`]));

  test.each<[string, string[], string]>([
    ["of something else", ['{"backup":"other"}'], "not-a-backup"],
    ["of another format", [HEAD.replace('"format":1', '"format":2'), END], "format"],
    ["of a newer database", [HEAD.replace('"migration":1', '"migration":99'), END], "migration"],
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
  });
});

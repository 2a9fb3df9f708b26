// The audit trail against whoever owns the database: what heads that are kept outside of it still tell, after the trail was made whole again in SQL.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { auditEnd, auditEvents } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { isHeadOf, newestHead, type SignedHead, signAuditHead } from "./audit-heads.ts";
import { appendAudit, FIRST_HASH, hashOf } from "./audit-trail.ts";
import { type AuditFault, type AuditReport, verifyAuditTrail } from "./audit-verification.ts";
import { HeadFile } from "./head-file.ts";
import { headLine, headOf, readHeadLines } from "./head-lines.ts";
import { recordRestore } from "./restored-trail.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const NOW = new Date("2026-03-01T12:00:00.123Z");
const ZEROS = "00".repeat(32);

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let file: HeadFile;
  let folder: string;

  beforeAll(async () => {
    bench = await openTestStore(kind);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const append = (action: string) =>
    bench.store.transaction((tx) => appendAudit(tx, { at: NOW, actor: "system", action, subject: "test:1", details: { a: 1 } }));

  /** As the job does. */
  async function signed(key: KeyObject = privateKey, to: HeadFile = file): Promise<SignedHead> {
    return bench.store.transaction(async (tx) => {
      const head = await signAuditHead(tx, key, NOW);
      if (head === null) throw new Error("signed already");
      to.append(head);
      return head;
    });
  }

  const verify = (kept: SignedHead[] = [], own: HeadFile = file): Promise<AuditReport> =>
    verifyAuditTrail(bench.store.db, publicKey, { file: own.read(), kept });
  const fault = async (kept: SignedHead[] = [], own: HeadFile = file): Promise<AuditFault | null> => (await verify(kept, own)).fault;
  /** What the database says of itself. */
  const inside = async (): Promise<AuditFault | null> => (await verifyAuditTrail(bench.store.db, publicKey)).fault;

  /** As the database's owner, in one transaction. */
  async function tamper(...statements: string[]): Promise<void> {
    await bench.store.transaction(async (tx) => {
      for (const table of ["audit_events", "audit_heads"]) await tx.execute(sql.raw(`alter table ${table} disable trigger user`));
      for (const statement of statements) await tx.execute(sql.raw(statement));
      await rebuild(tx);
      for (const table of ["audit_events", "audit_heads"]) await tx.execute(sql.raw(`alter table ${table} enable trigger user`));
    });
  }

  /** The hashes need no key: whoever owns the database makes the chain and its end right again. */
  async function rebuild(tx: Database): Promise<void> {
    let [hash, number] = [FIRST_HASH, 0];
    for (const row of await tx.select().from(auditEvents).orderBy(asc(auditEvents.number))) {
      hash = hashOf(hash, row.number, row);
      number = row.number;
      await tx.update(auditEvents).set({ hash }).where(eq(auditEvents.number, number));
    }
    await tx.update(auditEnd).set({ number, hash });
  }

  beforeEach(async () => {
    await tamper("delete from audit_events", "delete from audit_heads");
    folder = temporaryFolder();
    file = new HeadFile(join(folder, "audit.heads"));
    for (let i = 1; i <= 6; i++) {
      await append(`a-${i}`);
      if (i === 4) await signed();
    }
    await signed();
  });

  test("a sound trail is compared with each head of the file", async () => {
    expect(await verify()).toMatchObject({ events: 6, heads: 2, outside: 2, restores: [], unreadableLines: [], fault: null });
  });

  const moved = (from: number, by: number): string[] => [
    `update audit_events set number = number + 1000 where number >= ${from}`,
    `update audit_events set number = number - 1000 + ${by} where number >= 1000`,
  ];

  test.each<[string, string[], AuditFault]>([
    [
      "the last two events, their head and the end",
      ["delete from audit_events where number > 4", "delete from audit_heads where number > 4"],
      { fault: "cut-off", number: 5 },
    ],
    ["everything", ["delete from audit_events", "delete from audit_heads"], { fault: "cut-off", number: 1 }],
    [
      "an event in the middle",
      ["delete from audit_events where number = 2", ...moved(3, -1), "delete from audit_heads"],
      { fault: "rewritten", number: 4 },
    ],
    [
      "a changed event",
      ["update audit_events set actor = 'officer:x' where number = 3", "delete from audit_heads"],
      { fault: "rewritten", number: 4 },
    ],
    [
      "a changed event after a head",
      ["update audit_events set actor = 'officer:x' where number = 5", "delete from audit_heads where number > 4"],
      { fault: "rewritten", number: 6 },
    ],
    [
      "two events in each other's place",
      [
        "update audit_events set number = 30 where number = 2",
        "update audit_events set number = 2 where number = 3",
        "update audit_events set number = 3 where number = 30",
        "delete from audit_heads",
      ],
      { fault: "rewritten", number: 4 },
    ],
    [
      "an event put in between",
      [
        ...moved(3, 1),
        "insert into audit_events select 3, at, actor, 'forged', subject, details, hash from audit_events where number = 2",
        "delete from audit_heads",
      ],
      { fault: "rewritten", number: 4 },
    ],
  ])("taken away or made right in SQL, unnoticed there, found by the file: %s", async (_, statements, expected) => {
    await tamper(...statements);
    expect(await inside()).toBeNull();
    expect(await fault()).toEqual(expected);
    // The office's own job signs what it finds: the old heads tell it all the same.
    await append("later");
    await append("later still");
    await append("and on");
    await signed();
    expect(await inside()).toBeNull();
    expect((await fault())?.fault).toMatch(/^(?:cut-off|rewritten)$/);
  });

  test("heads that were signed anew with another key are found, with the file and without", async () => {
    await tamper("update audit_events set actor = 'officer:x' where number = 3", "delete from audit_heads");
    await signed(stranger.privateKey, new HeadFile(join(folder, "elsewhere")));
    expect(await inside()).toEqual({ fault: "head", number: 6 });
    expect(await fault()).toEqual({ fault: "rewritten", number: 4 });
  });

  test("the folder's file taken away, too: found by a head that was kept elsewhere", async () => {
    const kept = await newestHead(bench.store.db);
    if (kept === null) throw new Error("no head");
    expect(await fault([kept])).toBeNull();
    await tamper("delete from audit_events where number > 4", "delete from audit_heads where number > 4");
    rmSync(file.path);
    expect(await fault()).toBeNull();
    expect(await fault([kept])).toEqual({ fault: "cut-off", number: 5 });
    await append("b-5");
    await append("b-6");
    await signed();
    expect(await fault()).toBeNull();
    expect(await fault([kept])).toEqual({ fault: "rewritten", number: 6 });
  });

  test("a head of another office is none of this one's", async () => {
    const kept = { number: 6, hash: (await newestHead(bench.store.db))?.hash ?? FIRST_HASH, at: NOW, signature: new Uint8Array(70) };
    expect(await fault([kept])).toEqual({ fault: "head", number: 6 });
    expect(await fault([{ ...kept, number: 60 }])).toEqual({ fault: "head", number: 60 });
  });

  test("a head survives being a line", async () => {
    const head = await newestHead(bench.store.db);
    if (head === null) throw new Error("no head");
    const [line = "", ...rest] = readFileSync(file.path, "utf8").trimEnd().split("\n").reverse();
    expect(rest).toHaveLength(1);
    expect(JSON.parse(line)).toEqual(headLine(head));
    expect(isHeadOf(publicKey, headOf(JSON.parse(line)))).toBe(true);
  });

  test("events that nobody signs are told, with the time of the first", async () => {
    const at = (ms: number) => verifyAuditTrail(bench.store.db, publicKey, { now: new Date(NOW.getTime() + ms) });
    expect((await at(1e9)).fault).toBeNull();
    await append("unsigned");
    expect((await at(20 * 60_000)).fault).toBeNull();
    expect((await at(20 * 60_000 + 1)).fault).toEqual({ fault: "no-head", number: 7, since: NOW.toISOString() });
    await tamper("delete from audit_heads");
    expect((await at(20 * 60_000 + 1)).fault).toEqual({ fault: "no-head", number: 1, since: NOW.toISOString() });
  });

  describe("the trail of a backup", () => {
    const LATER = new Date(NOW.getTime() + 60_000);
    const restore = (own: HeadFile = file, key = privateKey) => bench.store.transaction((tx) => recordRestore(tx, key, own, LATER));

    /** The database goes back to event 4, and nobody is to be blamed. */
    const goBack = () => tamper("delete from audit_events where number > 4", "delete from audit_heads where number > 4");

    test("says that it was restored, and how many heads of before are not in it; and is verified from there on", async () => {
      await goBack();
      expect(await restore()).toBe(4);
      expect(await verify()).toMatchObject({
        events: 5,
        fault: null,
        restores: [{ at: LATER.toISOString(), number: 4, lostHeads: 1, lostUntil: 6 }],
      });
      for (let i = 6; i <= 8; i++) await append(`b-${i}`);
      await signed();
      expect(await verify()).toMatchObject({ events: 8, outside: 3, fault: null, restores: [{ lostHeads: 1 }] });
      await tamper("delete from audit_events where number > 6", "delete from audit_heads where number > 6");
      expect(await fault()).toEqual({ fault: "cut-off", number: 7 });
    });

    test("must be what it was up to the restore", async () => {
      await goBack();
      await restore();
      await tamper("update audit_events set actor = 'officer:x' where number = 2", "delete from audit_heads");
      expect(await fault()).toEqual({ fault: "rewritten", number: 4 });
    });

    test("with events since: what the file's heads have in common with it is found", async () => {
      await goBack();
      for (let i = 5; i <= 7; i++) await append(`b-${i}`);
      await signed();
      expect(await fault()).toEqual({ fault: "rewritten", number: 6 });
      expect(await restore()).toBe(5);
      await file.keepUp(bench.store.db, publicKey);
      expect(await verify()).toMatchObject({ events: 8, fault: null, restores: [{ number: 5, lostUntil: 7 }] });
    });

    test("a restore that the office's key has not signed is a fault", async () => {
      await goBack();
      await restore(file, stranger.privateKey);
      expect(await fault()).toEqual({ fault: "head", number: 4 });
    });

    test("an event alone, which the database's owner can write, is no restore", async () => {
      await goBack();
      await restore(new HeadFile(join(folder, "another")));
      expect((await fault())?.fault).toBe("cut-off");
    });
  });

  describe("the file", () => {
    const linesOf = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");

    test("a line that a crash has cut off stays alone: what comes after is whole, and the trail verifies with a remark", async () => {
      for (const cut of [1, 30, 100]) {
        const path = join(folder, `cut-${cut}`);
        copyFileSync(file.path, path);
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.subarray(0, bytes.length - cut));
        const torn = new HeadFile(path);
        await torn.keepUp(bench.store.db, publicKey);
        const head = await newestHead(bench.store.db);
        if (head === null) throw new Error("no head");
        torn.append(head);
        expect(torn.read().records.at(-1), String(cut)).toMatchObject({ number: 6, isRestore: false });
        // Only the line's end was missing: the line is whole.
        expect(torn.read().unreadable, String(cut)).toEqual(cut === 1 ? [] : [2]);
        expect((await verify([], torn)).unreadableLines).toEqual(cut === 1 ? [] : [2]);
        expect((await verify([], torn)).fault).toBeNull();
        expect(readFileSync(path).subarray(0, bytes.length - cut)).toEqual(bytes.subarray(0, bytes.length - cut));
      }
    });

    test("of another server of the store gets every head that the key has signed, once, and no other", async () => {
      const other = new HeadFile(join(folder, "other"));
      await other.keepUp(bench.store.db, publicKey);
      await other.keepUp(bench.store.db, publicKey);
      expect(linesOf(other.path)).toEqual(linesOf(file.path));
      await append("a-7");
      await signed();
      await append("a-8");
      await signed(stranger.privateKey, new HeadFile(join(folder, "elsewhere")));
      await append("a-9");
      await signed();
      await new HeadFile(other.path).keepUp(bench.store.db, publicKey); // a third, of the same folder
      await other.keepUp(bench.store.db, publicKey);
      expect(linesOf(other.path)).toEqual(linesOf(file.path));
      expect(await verify([], other)).toMatchObject({ outside: 4, fault: { fault: "head", number: 8 } });
    });

    test("gets what is signed though somebody has put a head of the end's number there", async () => {
      await append("a-7");
      // The server's own role can insert one. Taken away again with the events, it would have hidden that nobody signed them.
      await bench.store.transaction((tx) => signAuditHead(tx, stranger.privateKey, NOW));
      await signed();
      await tamper("delete from audit_events where number > 6", "delete from audit_heads where number > 6");
      expect(await inside()).toBeNull();
      expect(await fault()).toEqual({ fault: "cut-off", number: 7 });
    });

    test("of another server keeps up after a head of a number far away", async () => {
      const other = new HeadFile(join(folder, "other"));
      await other.keepUp(bench.store.db, publicKey);
      await bench.store.db.execute(
        sql`insert into audit_heads (number, at, hash, signature) select 1000000, at, hash, signature from audit_heads where number = 6`,
      );
      await other.keepUp(bench.store.db, publicKey);
      await tamper("delete from audit_heads where number = 1000000");
      await append("a-7");
      await signed();
      await other.keepUp(bench.store.db, publicKey);
      expect(linesOf(other.path)).toEqual(linesOf(file.path));
    });

    test("that is not there says nothing, and is made with mode 0600", async () => {
      const path = join(folder, "new");
      expect(new HeadFile(path).read()).toEqual({ records: [], unreadable: [] });
      await new HeadFile(path).keepUp(bench.store.db, publicKey);
      const { statSync } = await import("node:fs");
      expect(statSync(path).mode & 0o777).toBe(0o600);
    });
  });
});

test.each(["", "\n\n"])("%j has no heads", (text) => {
  expect(readHeadLines(text)).toEqual({ records: [], unreadable: [] });
});

test.each([
  "{}",
  "null",
  `{"number":-1,"at":"2026-03-01T12:00:00.123Z","hash":"${ZEROS}","signature":"AA"}`,
  `{"number":1.5,"at":"2026-03-01T12:00:00.123Z","hash":"${ZEROS}","signature":"AA"}`,
  `{"number":1,"at":"yesterday","hash":"${ZEROS}","signature":"AA"}`,
  '{"number":1,"at":"2026-03-01T12:00:00.123Z","hash":"00","signature":"AA"}',
  `{"number":1,"at":"2026-03-01T12:00:00.123Z","hash":"${ZEROS}","signature":"A A"}`,
  `${"x".repeat(100_000)}`,
])("%j is no head", (text) => {
  expect(readHeadLines(`${text}\n`)).toEqual({ records: [], unreadable: [1] });
});

// The audit trail: what is appended cannot be changed, left out or moved without being noticed.

import { generateKeyPairSync } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { signAuditHead } from "./audit-heads.ts";
import { appendAudit } from "./audit-trail.ts";
import { type AuditFault, verifyAuditTrail } from "./audit-verification.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const NOW = new Date("2026-03-01T12:00:00.123Z");
const ZEROS = "00".repeat(32);

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;

  beforeAll(async () => {
    bench = await openTestStore(kind);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  /** As somebody with the database in their hands would: the server's role alone could not. */
  async function tamper(statement: string): Promise<void> {
    await bench.store.transaction(async (tx) => {
      for (const table of ["audit_events", "audit_heads"]) await tx.execute(sql.raw(`alter table ${table} disable trigger user`));
      await tx.execute(sql.raw(statement));
      for (const table of ["audit_events", "audit_heads"]) await tx.execute(sql.raw(`alter table ${table} enable trigger user`));
    });
  }

  const append = (action: string, details = {}) =>
    bench.store.transaction((tx) => appendAudit(tx, { at: NOW, actor: "system", action, subject: "test:1", details }));

  const fault = async (): Promise<AuditFault | null> => (await verifyAuditTrail(bench.store.db, publicKey)).fault;

  beforeEach(async () => {
    await tamper("delete from audit_events");
    await tamper("delete from audit_heads");
    await tamper(`update audit_end set number = 0, hash = decode('${ZEROS}', 'hex')`);
    for (let i = 1; i <= 6; i++) {
      await append(`a-${i}`, { zebra: i, état: "émis", apple: null, deep: i % 2 === 0 });
      if (i === 4) await bench.store.transaction((tx) => signAuditHead(tx, privateKey, NOW));
    }
  });

  test("a sound trail verifies, with its heads", async () => {
    expect(await verifyAuditTrail(bench.store.db, publicKey)).toEqual({
      events: 6,
      heads: 1,
      lastHeadAt: NOW.toISOString(),
      outside: 0,
      unreadableLines: [],
      restores: [],
      fault: null,
    });
  });

  test("events that are appended at once get numbers of their own", async () => {
    const heads = await Promise.all(Array.from({ length: 20 }, (_, i) => append(`at-once-${i}`)));
    expect(new Set(heads.map(({ number }) => number)).size).toBe(20);
    expect(await fault()).toBeNull();
  });

  test("an event whose change failed is not there", async () => {
    const failing = bench.store.transaction(async (tx) => {
      await appendAudit(tx, { at: NOW, actor: "system", action: "x", subject: "test:1" });
      throw new Error("stop");
    });
    await expect(failing).rejects.toThrow("stop");
    expect(await verifyAuditTrail(bench.store.db, publicKey)).toMatchObject({ events: 6, fault: null });
  });

  test.each([
    ["update audit_events set actor = 'somebody'"],
    ["delete from audit_events"],
    ["truncate audit_events"],
    ["update audit_heads set number = 9"],
  ])("the database itself refuses: %s", async (statement) => {
    await expect(bench.store.db.execute(sql.raw(statement))).rejects.toThrow();
    expect(await fault()).toBeNull();
  });

  test.each<[string, string, AuditFault]>([
    ["a changed actor", "update audit_events set actor = 'officer:x' where number = 3", { fault: "changed", number: 3 }],
    ["a changed detail", "update audit_events set details = details || '{\"zebra\": 9}' where number = 5", { fault: "changed", number: 5 }],
    ["a changed time", "update audit_events set at = at + interval '1 ms' where number = 1", { fault: "changed", number: 1 }],
    ["a missing event", "delete from audit_events where number = 2", { fault: "missing", number: 2 }],
    ["a missing last event", "delete from audit_events where number = 6", { fault: "end", number: 6 }],
    [
      "two events in each other's place",
      "update audit_events set number = case number when 2 then 30 else 2 end where number in (2, 3)",
      { fault: "changed", number: 2 },
    ],
    ["a head of another time", "update audit_heads set at = at + interval '1 s'", { fault: "head", number: 4 }],
  ])("finds %s", async (_, statement, expected) => {
    await tamper(statement);
    expect(await fault()).toEqual(expected);
  });

  test("finds a trail that was cut before a signed head, its end rewritten", async () => {
    await tamper("delete from audit_events where number > 3");
    await tamper("update audit_end set number = 3, hash = (select hash from audit_events where number = 3)");
    expect(await fault()).toEqual({ fault: "missing", number: 4 });
  });

  test("a head of somebody else's key is no head", async () => {
    expect((await verifyAuditTrail(bench.store.db, stranger.publicKey)).fault).toEqual({ fault: "head", number: 4 });
  });

  test("the same end is signed once", async () => {
    const sign = (at: Date) => bench.store.transaction((tx) => signAuditHead(tx, privateKey, at));
    expect(await sign(NOW)).toMatchObject({ number: 6 });
    expect(await sign(new Date(NOW.getTime() + 1000))).toBeNull();
    expect(await verifyAuditTrail(bench.store.db, publicKey)).toMatchObject({ events: 6, heads: 2, fault: null });
  });
});

// What the audit trail tells of sign-ins that were refused, of sign-outs, and of sessions that somebody else has ended.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { eq, like } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fillOffice, type OfficeRows, ROWS_START } from "../../test/support/office-rows.ts";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { endSession, ownSessions } from "../pages/sessions/session-records.ts";
import { auditEvents, officers } from "../store/schema.ts";
import { enrolOfficer, holdOfficer, withdrawOfficer } from "./officers.ts";
import { answerChallenge, newChallenge, redeemLink, signInByTls, signInMessage, signOut } from "./sign-in.ts";
import { tellRefusedKey } from "./sign-in-refusals.ts";

const URL = "https://office.test";
const FROM = "192.0.2.7";
const HOUR_MS = 3_600_000;
const ACTING = { actor: "system", now: ROWS_START };
const later = (ms: number): Date => new Date(ROWS_START.getTime() + ms);

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let rows: OfficeRows;
  let officerId: string;
  let key: { readonly publicKey: Uint8Array; readonly privateKey: KeyObject };
  let before = 0;

  beforeAll(async () => {
    bench = await openTestStore(kind);
    rows = await fillOffice(bench.store);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const newKey = () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return { publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })), privateKey };
  };

  const all = () => bench.store.db.select().from(auditEvents).orderBy(auditEvents.number);
  /** What was appended since the test began. */
  const news = async () => (await all()).filter(({ number }) => number > before);

  beforeEach(async () => {
    key = newKey();
    officerId = rows.officers.issuer.id;
    await bench.store.db.update(officers).set({ state: "active" }).where(eq(officers.id, officerId));
    await bench.store.transaction((tx) => enrolOfficer(tx, officerId, key.publicKey, ACTING));
    before = (await all()).at(-1)?.number ?? 0;
  });

  async function answer(now: Date, { publicKey, privateKey } = key, url = URL): Promise<string> {
    const challenge = await newChallenge(bench.store, now);
    const signature = new Uint8Array(sign("sha256", signInMessage(url, challenge), privateKey));
    return answerChallenge(bench.store, URL, { challenge, publicKey, signature }, now, FROM);
  }

  const refused = (reason: string, actor: string, how: string, now: Date) => ({
    at: now,
    actor,
    action: "officer.sign-in-refused",
    subject: `officer:${officerId}`,
    details: { reason, how, from: FROM },
  });

  test("a wrong signature is told, of nobody who proved anything", async () => {
    await expect(answer(ROWS_START, key, "https://elsewhere.test")).rejects.toMatchObject({ refusal: "signature" });
    expect(await news()).toMatchObject([refused("signature", "unknown", "challenge", ROWS_START)]);
  });

  test("an officer who is withdrawn is told, by challenge, link and TLS; so is that their sessions ended", async () => {
    const now = later(HOUR_MS);
    const link = await answer(now);
    await signInByTls(bench.store, key.publicKey, now);
    await bench.store.transaction((tx) => withdrawOfficer(tx, officerId, { actor: "officer:other", now }));
    before = (await all()).at(-1)?.number ?? 0;
    const [withdrawal] = (await all()).slice(-1);
    expect(withdrawal).toMatchObject({ action: "officer.withdraw", actor: "officer:other", details: { sessionsEnded: 1 } });
    await expect(answer(now)).rejects.toMatchObject({ refusal: "not-active" });
    await expect(signInByTls(bench.store, key.publicKey, now, FROM)).rejects.toMatchObject({ refusal: "not-active" });
    await expect(redeemLink(bench.store, link, now, FROM)).rejects.toThrow();
    const actor = `officer:${officerId}`;
    expect((await news()).slice(0, 2)).toMatchObject([
      refused("not-active", actor, "challenge", now),
      refused("not-active", actor, "tls", now),
    ]);
  });

  test("keys and challenges of nobody leave nothing", async () => {
    await expect(answer(ROWS_START, newKey())).rejects.toMatchObject({ refusal: "key-unknown" });
    await expect(signInByTls(bench.store, newKey().publicKey, ROWS_START, FROM)).rejects.toMatchObject({ refusal: "key-unknown" });
    const made = { challenge: "made up", publicKey: key.publicKey, signature: new Uint8Array(8) };
    await expect(answerChallenge(bench.store, URL, made, ROWS_START, FROM)).rejects.toMatchObject({ refusal: "challenge-unknown" });
    await expect(redeemLink(bench.store, "made up", ROWS_START, FROM)).rejects.toMatchObject({ refusal: "link-unknown" });
    await tellRefusedKey(bench.store, newKey().publicKey, { reason: "limit", how: "tls", isProved: false, from: FROM }, ROWS_START);
    expect(await news()).toEqual([]);
  });

  test("whoever tries on and on, from wherever, fills ten events an hour; the last says so", async () => {
    const now = later(10 * HOUR_MS);
    const tell = (i: number, at: Date) =>
      tellRefusedKey(bench.store, key.publicKey, { reason: "limit", how: "challenge", isProved: false, from: `192.0.2.${i}` }, at);
    await Promise.all(Array.from({ length: 30 }, (_, i) => tell(i, now)));
    const told = await news();
    expect(told).toHaveLength(10);
    expect(told.filter(({ details }) => "andMore" in details)).toHaveLength(1);
    await tell(1, later(11 * HOUR_MS));
    expect(await news()).toHaveLength(11);
  });

  test("tries without the key leave room for what its holder is refused", async () => {
    const now = later(15 * HOUR_MS);
    const tell = (isProved: boolean) =>
      tellRefusedKey(bench.store, key.publicKey, { reason: "signature", how: "challenge", isProved, from: FROM }, now);
    for (let i = 0; i < 12; i++) await tell(false);
    await tell(true);
    expect((await news()).map(({ actor }) => actor)).toEqual([...Array(10).fill("unknown"), `officer:${officerId}`]);
  });

  test.each(["out", "elsewhere"])("signing %s while their key is replaced: none waits for the other in a circle", async (where) => {
    const now = later(25 * HOUR_MS);
    const { secret } = await signInByTls(bench.store, key.publicKey, now);
    const [own] = await ownSessions(bench.store.db, officerId, secret, now, HOUR_MS);
    const id = own?.id ?? "";
    const end = () =>
      where === "out"
        ? signOut(bench.store, secret, now)
        : bench.store.transaction((tx) => endSession(tx, officerId, id, { actor: "officer:x", now }));
    let ended: Promise<void> = Promise.resolve();
    // As an enrolment: the officer is held, the issuance is audited, then the key is replaced.
    await bench.store.transaction(async (tx) => {
      await holdOfficer(tx, officerId);
      await appendAudit(tx, { at: now, actor: "system", action: "test", subject: "test:1" });
      ended = end();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await enrolOfficer(tx, officerId, newKey().publicKey, { actor: "system", now });
    });
    await ended;
    const actions = (await news()).map(({ action }) => action);
    expect(actions).toEqual(["officer.sign-in", "test", "officer.enrol"]);
  });

  test("signing out is told, once", async () => {
    const now = later(20 * HOUR_MS);
    const { secret } = await signInByTls(bench.store, key.publicKey, now);
    before += 1;
    await signOut(bench.store, secret, now);
    await signOut(bench.store, secret, now);
    await signOut(bench.store, "made up", now);
    const subject = `officer:${officerId}`;
    expect(await news()).toMatchObject([{ at: now, actor: subject, action: "officer.sign-out", subject }]);
  });

  test("no event has a secret in it", async () => {
    const now = later(30 * HOUR_MS);
    const link = await answer(now);
    const { secret } = await redeemLink(bench.store, link, now);
    await signOut(bench.store, secret, now);
    const text = JSON.stringify(await bench.store.db.select().from(auditEvents).where(like(auditEvents.action, "officer.%")));
    for (const hidden of [link, secret]) expect(text).not.toContain(hidden);
  });
});

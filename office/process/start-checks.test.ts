// An office does not start with a clock that is behind what it wrote down, and says when its authority is at its end.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IssuanceBench } from "../../test/support/issuance-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { appendAudit } from "../audit/audit-trail.ts";
import { establishUnattended } from "../issuance/built-in-ca.ts";
import { yearsLater } from "../issuance/clock.ts";
import { authorityWarnings, CLOCK_TOLERANCE_MS, checkClock, newestRecord } from "./start-checks.ts";
import { ClockBehindError } from "./start-errors.ts";

const START = new Date("2026-03-01T09:00:00Z");
const HOUR_MS = 3_600_000;
/** A new list is due every six hours. */
const LIST_MS = 7 * HOUR_MS;
const at = (ms: number): Date => new Date(START.getTime() + ms);

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, START);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const check = (now: Date, isTrusted = false) => checkClock(bench.store, bench.desk.authority, now, isTrusted);

  it("a clock that is behind the authority's certificates or its first lists is refused; by a few minutes, it is not", async () => {
    expect(await check(START)).toBeNull();
    expect(await check(at(-CLOCK_TOLERANCE_MS))).toBeNull();
    await expect(check(at(-CLOCK_TOLERANCE_MS - 1000))).rejects.toThrow(ClockBehindError);
    await expect(check(new Date(0))).rejects.toMatchObject({ newest: START, now: new Date(0) });
  });

  it("a clock that is behind the last list is refused", async () => {
    bench.later(LIST_MS);
    expect(await bench.runJobs()).toBeGreaterThan(0);
    expect(await newestRecord(bench.store.db, bench.desk.authority)).toEqual({ kind: "crl", at: at(LIST_MS) });
    await expect(check(START)).rejects.toMatchObject({ newest: at(LIST_MS) });
    expect(await check(at(LIST_MS))).toBeNull();
  });

  it("a clock that is behind the last event is refused; whoever says that it is right is believed, once, and the trail keeps it", async () => {
    const late = at(1000 * HOUR_MS);
    await bench.store.transaction((tx) => appendAudit(tx, { at: late, actor: "system", action: "test", subject: "office" }));
    const now = at(LIST_MS);
    await expect(check(now)).rejects.toMatchObject({ newest: late, now });
    expect(await check(now, true)).toEqual({ kind: "audit", at: late });
    expect(await check(now)).toBeNull();
  });
});

describe("an authority says when it is at its end", async () => {
  const names = { publicUrl: "https://office.example.org", organisation: "Cabinet Faron", country: "FR" };
  const { authority } = await establishUnattended(join(temporaryFolder(), "ca"), names, { now: () => START });
  const issuerEnd = yearsLater(START, 10);
  const short = (profiles: readonly string[]) => ({ kind: "issuer-short", at: issuerEnd, profiles });
  const rootList = { kind: "root-crl", at: yearsLater(START, 1) };

  it.each([
    [0, []],
    [0.5, []],
    [2, [rootList]],
    [6, [short(["SIGN-QCP"]), rootList]],
    [8, [short(["SIGN-LCP", "SIGN-QCP", "AUTH"]), rootList]],
    [10, [{ kind: "issuer-expired", at: issuerEnd }, rootList]],
    [20, [{ kind: "root-expired", at: yearsLater(START, 20) }]],
  ])("after %d years", (years, expected) => {
    const now = years < 1 ? at(years * 365 * 24 * HOUR_MS) : yearsLater(START, years);
    expect(authorityWarnings(authority, now)).toEqual(expected);
  });
});

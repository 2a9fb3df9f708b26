// npm run bench:office works: every step is measured, nothing fails. Nothing here depends on how long anything takes.

import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT } from "../../cli/checkout.ts";
import { quantile } from "../bench/statistics.ts";
import { run } from "../support/run.ts";
import { CALLS, Ledger, STEPS, type Step } from "./ledger.ts";
import type { LoadPlan, LoadResult } from "./office-load.ts";
import { tables } from "./report.ts";

const PROGRAM = join(CHECKOUT, "dist", "test", "bench-office", "run-office-bench.js");
const LIMIT_MS = 300_000;
const REQUESTERS = 8;

let told: LoadResult & { readonly plan: LoadPlan };

beforeAll(() => {
  const { status, stdout, stderr } = run(
    process.execPath,
    [PROGRAM, "--quick", "--json", "--only", "requests", "--requesters", String(REQUESTERS)],
    {
      timeout: LIMIT_MS,
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
  told = JSON.parse(stdout);
}, LIMIT_MS);

describe("npm run bench:office -- --quick --json", () => {
  it("every requester does every step, half of them to the revocation, and nothing goes wrong", () => {
    expect([told.errors, told.told]).toEqual([0, []]);
    expect(told.steps.map(({ step }) => step)).toEqual([...STEPS]);
    const looked: readonly Step[] = ["OCSP: good", "page of the certificate"]; // of two certificates each
    const counts = STEPS.map((step) => (looked.includes(step) ? 2 * REQUESTERS : REQUESTERS)); // a half of them revokes two
    expect(told.steps.map(({ count }) => count)).toEqual(counts);
    expect(told.requests).toBe(counts.reduce((sum, count) => sum + count, 0) - CALLS.length * REQUESTERS);
    expect(told.judged).toMatchObject({ certificates: 2 * REQUESTERS, revocations: REQUESTERS, isAuditTrailWhole: true });
    expect(told.judged.auditEvents).toBeGreaterThan(told.requests / 2);
  });

  it("tells durations, rates and connections", () => {
    for (const { medianMs, p95Ms, maxMs } of told.steps) {
      expect(medianMs).toBeGreaterThan(0);
      expect(p95Ms).toBeGreaterThanOrEqual(medianMs);
      expect(maxMs).toBeGreaterThanOrEqual(p95Ms);
    }
    expect(told.requestsPerSecond).toBeGreaterThan(told.certificatesPerSecond);
    expect(told.connections.http).toBe(REQUESTERS);
    expect(told.connections.database.open).toBeGreaterThan(0);
  });

  it("races openssl's responder, and has a table for people", () => {
    expect(told.ocsp.map(({ name, errors }) => [name, errors])).toEqual([
      ["sceau office", 0],
      ["openssl ocsp -port", 0],
    ]);
    for (const { answersPerSecond } of told.ocsp) expect(answersPerSecond).toBeGreaterThan(0);
    for (const words of [...STEPS, "openssl ocsp -port", "errors: 0"]) expect(tables(told, told.plan)).toContain(words);
  });
});

it("a number of requesters that is none ends it at once", () => {
  expect(run(process.execPath, [PROGRAM, "--requesters", "0"]).status).toBe(2);
});

it("a ledger counts what failed, and the most connections that were open at once", () => {
  const ledger = Ledger.ofRequesters();
  ledger.fail("a step");
  ledger.connected();
  ledger.connected();
  ledger.disconnected();
  ledger.connected();
  expect([ledger.errors, ledger.told, ledger.peakConnections]).toEqual([1, ["a step"], 2]);
  expect([quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 1)]).toEqual([2.5, 4]);
});

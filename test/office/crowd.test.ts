// S1, S9 to S13, S15: people apply and activate at once on PostgreSQL, at two `sceau office` servers, each with a simulated token of their own; verifiers and
// approvers work meanwhile; three people lose their computers in the middle. A short run of `npm run bench:office -- --only crowd`, which has 50 of them.

import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT } from "../../cli/checkout.ts";
import { type CrowdResult, QUICK_CROWD } from "../bench-office/crowd.ts";
import { CUTS } from "../bench-office/crowd-person.ts";
import { crowdTables } from "../bench-office/crowd-report.ts";
import { CROWD_STEPS, type CrowdStep } from "../bench-office/crowd-steps.ts";
import { run } from "../support/run.ts";

const PROGRAM = join(CHECKOUT, "dist", "test", "bench-office", "run-office-bench.js");
const LIMIT_MS = 300_000;
const { people, verifiers } = QUICK_CROWD;

let told: CrowdResult;

beforeAll(() => {
  const { status, stdout, stderr } = run(process.execPath, [PROGRAM, "--only", "crowd", "--quick", "--json"], { timeout: LIMIT_MS });
  expect([status, stderr, (JSON.parse(stdout) as { crowd: CrowdResult }).crowd.told]).toEqual([0, "", []]);
  told = (JSON.parse(stdout) as { crowd: CrowdResult }).crowd;
}, LIMIT_MS);

const times = (step: CrowdStep): number => told.steps.find((each) => each.step === step)?.count ?? 0;

describe(`${people} people at once`, () => {
  it("S1, S10, S11, S13: each proves a mailbox, fills in the form, books an hour, sends evidence, and sees in the stepper where it stands", () => {
    expect(told.errors).toBe(0);
    for (const step of ["code answered (argon2id)", "form: three answers (argon2id)", "form: sent, with consents", "evidence"] as const)
      expect(times(step)).toBe(people);
    expect(times("appointment booked")).toBe(people + told.takenByOthers.hours);
    expect(times("hours offered")).toBe(verifiers);
  });

  it("S9, S12: verifiers and approvers decide each once, whoever is quicker", () => {
    expect(times("check decided")).toBe(people);
    expect(times("check begun") + times("approved")).toBeGreaterThanOrEqual(2 * people);
    expect(times("payment waived")).toBeGreaterThanOrEqual(people);
  });

  it("S15: each has one active certificate, on their own token, for their own key, also whoever lost a computer meanwhile", () => {
    const each = { activeCertificates: people, tokens: people, keys: people, serialNumbers: people };
    expect(told.judged).toMatchObject({ ...each, isAuditTrailWhole: true, deadlocks: 0 });
    expect(told.cutOff).toBe(CUTS.length);
    expect(times("opened by three answers (argon2id)")).toBe(people + CUTS.length);
    expect(times("proof of possession")).toBe(people);
  });

  it("tells how long each step took, what was waited for, and how many people a minute", () => {
    expect(told.steps.map(({ step }) => step)).toEqual([...CROWD_STEPS]);
    for (const { medianMs, p95Ms } of told.steps) expect([medianMs > 0, p95Ms >= medianMs]).toEqual([true, true]);
    expect(told.peoplePerMinute).toBeCloseTo((people * 60_000) / told.wallMs);
    for (const words of [...CROWD_STEPS, "people a minute", "errors: 0"]) expect(crowdTables(told)).toContain(words);
  });
});

// npm run bench works: everything is measured, everything signs. Nothing here depends on how long anything takes.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CHECKOUT } from "../../cli/checkout.ts";
import { mustRun } from "../support/run.ts";
import type { Benchmark } from "./benchmark.ts";
import { QUICK } from "./plan.ts";
import { type Aim, tables } from "./report.ts";
import { summarise } from "./statistics.ts";
import { mustVerify } from "./verify.ts";
import type { Ways } from "./ways.ts";
import { aimsOfWays, waysTables } from "./ways-report.ts";

const PROGRAM = join(CHECKOUT, "dist", "test", "bench", "run-bench.js");
const LIMIT_MS = 120_000;
const SUBJECTS = ["sceau", "softhsm2", "p11-kit server"];

interface Told extends Benchmark, Ways {
  readonly aims: readonly Aim[];
}

let told: Told;

beforeAll(() => {
  told = JSON.parse(mustRun(process.execPath, [PROGRAM, "--quick", "--json"], { timeout: LIMIT_MS })) as Told;
}, LIMIT_MS);

/** Three subjects, each with a median between its quartiles. */
function expectDurations(bySubject: object | undefined): void {
  expect(Object.keys(bySubject ?? {})).toEqual(SUBJECTS);
  for (const summary of Object.values(bySubject ?? {})) {
    const { median, lowerQuartile, upperQuartile } = summary as ReturnType<typeof summarise>;
    expect(lowerQuartile).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(lowerQuartile);
    expect(upperQuartile).toBeGreaterThanOrEqual(median);
  }
}

describe("npm run bench -- --quick --json", () => {
  test("tells how long each subject takes to begin, to sign, to find and sign", () => {
    expect(Object.keys(told.startNs)).toEqual(["C_Initialize", "C_GetSlotList", "C_Finalize"]);
    for (const bySubject of Object.values(told.startNs)) expectDurations(bySubject);
    expect(Object.keys(told.signatureNs)).toEqual(["sign", "find-sign"]);
    for (const bySubject of Object.values(told.signatureNs)) expectDurations(bySubject);
    for (const { median } of Object.values(told.tokenNs)) expect(median).toBeGreaterThan(0);
  });

  test("tells latency and throughput of 8 and 64 connections", () => {
    expect(told.parallel.map(({ connections }) => connections)).toEqual([8, 64]);
    for (const { latencyNs, signaturesPerSecond } of told.parallel) {
      expectDurations(latencyNs);
      expectDurations(signaturesPerSecond);
    }
  });

  test("a signature costs two calls and one token exchange; to find its key, three calls more and none", () => {
    expect(told.roundTrips.sign).toEqual({
      sceau: { rpcCalls: 2, tokenCommands: 1 },
      "p11-kit server": { rpcCalls: 2, tokenCommands: null },
    });
    expect(told.roundTrips["find-sign"].sceau).toEqual({ rpcCalls: 5, tokenCommands: 1 });
    expect(told.roundTrips["find-sign"]["p11-kit server"].rpcCalls).toBe(5);
  });

  test("openssl verified a signature of every process of every subject", () => {
    const single = 2 * (QUICK.warmUpRounds + QUICK.rounds);
    const together = QUICK.parallel.reduce((sum, { connections, rounds }) => sum + connections * rounds, 0);
    expect(told.verified).toEqual(Object.fromEntries(SUBJECTS.map((name) => [name, single + together])));
  });

  test("tells an APDU and a signature on each way to a token, and what was not measured", () => {
    expect(told.ways.map(({ name, apduNs }) => [name, apduNs !== null])).toEqual([
      ["RPC (p11-kit)", false],
      ["PC/SC, vpcd with Sceau's route", true],
      ["PC/SC, vpcd as it is", true],
      ["SoftHSM2 in process", false],
      ["SoftHSM2 behind p11-kit server", false],
    ]);
    for (const { apduNs, signNs } of told.ways) for (const each of [apduNs, signNs]) expect(each?.median ?? 1).toBeGreaterThan(0);
    expect(told.skipped).toEqual(["USB, in the guest: not asked for"]);
    expect(waysTables(told)).toMatch(/vpcd as it is[\s\S]*skipped: USB, in the guest/);
  });

  test("each aim is told with both figures, and there is a table for people", () => {
    expect(told.aims).toHaveLength(6);
    expect(told.aims.at(-1)).toEqual(aimsOfWays(told)[0]);
    for (const { ours, atMost } of told.aims) expect([Number.isFinite(ours), Number.isFinite(atMost)]).toEqual([true, true]);
    for (const name of ["C_Initialize", "find-sign", "64 connections", "round trips"]) expect(tables(told)).toContain(name);
  });
});

test("a median lies between, and so do the quartiles", () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, lowerQuartile: 1.75, upperQuartile: 3.25 });
  expect(summarise([7])).toEqual({ median: 7, lowerQuartile: 7, upperQuartile: 7 });
  expect(() => summarise([])).toThrow();
});

test("a signature of another digest ends the benchmark", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const point = `0441${publicKey.export({ format: "der", type: "spki" }).subarray(-65).toString("hex")}`;
  const signature = sign("sha256", Buffer.from("this"), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("hex");
  const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
  mustVerify({ point, digest: digestOf("this"), signature });
  expect(() => mustVerify({ point, digest: digestOf("that"), signature })).toThrow(/openssl/);
});

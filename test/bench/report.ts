// The benchmark as tables for people.

import { type Benchmark, type BySubject, SIGNATURE_OPERATIONS, START_CALLS } from "./benchmark.ts";
import type { Summary } from "./statistics.ts";

export type Row = readonly string[];

/** Each a judgement of its own: what is aimed at, and by how much. */
export interface Aim {
  readonly aim: string;
  readonly isMet: boolean;
  readonly ours: number;
  readonly atMost: number;
}

export function aimsOf({ addedNs, roundTrips, startNs }: Benchmark): Aim[] {
  const aim = (text: string, ours: number, atMost: number, isMet = ours < atMost): Aim => ({ aim: text, isMet, ours, atMost });
  const start = startNs["C_Initialize"];
  return [
    ...SIGNATURE_OPERATIONS.map((operation) =>
      aim(
        `${operation}: the bridge adds less than p11-kit server (ns)`,
        addedNs[operation].sceau.median,
        addedNs[operation]["p11-kit server"].median,
      ),
    ),
    ...SIGNATURE_OPERATIONS.map((operation) => {
      const commands = roundTrips[operation].sceau.tokenCommands ?? Number.NaN;
      return aim(`${operation}: one token exchange a signature`, commands, 1, commands === 1);
    }),
    aim("C_Initialize takes less than SoftHSM2's (ns)", start?.sceau.median ?? Number.NaN, start?.softhsm2.median ?? Number.NaN),
  ];
}

/** 3 digits are enough: the rest is noise. */
export const number = (value: number): string => value.toLocaleString("en", { maximumSignificantDigits: 3 });

export const spread = (summary: Summary, unit: number): string =>
  `${number(summary.median / unit)} (${number(summary.lowerQuartile / unit)}–${number(summary.upperQuartile / unit)})`;

const MICROSECONDS = 1000;
const ONE = 1;

export const ratio = (ours: Summary, theirs: Summary): string => `× ${number(ours.median / theirs.median)}`;

/** A row of three subjects, and ours against the two others. */
function compared(what: string, values: BySubject<Summary>, unit: number): Row {
  const { sceau, softhsm2, "p11-kit server": server } = values;
  const cells = [sceau, softhsm2, server].map((summary) => spread(summary, unit));
  return [what, ...cells, ratio(sceau, softhsm2), ratio(sceau, server)];
}

export function lines(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: Row): string => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((cells) => `${line(cells).trimEnd()}\n`).join("");
}

function addedRows({ tokenNs, addedNs }: Benchmark): Row[] {
  const head = ["added to a signature, µs", "by the bridge, to the token's own time", "by p11-kit server, to SoftHSM2's", "ours to theirs"];
  const rows = SIGNATURE_OPERATIONS.map((operation) => {
    const { sceau, "p11-kit server": server } = addedNs[operation];
    return [operation, spread(sceau, MICROSECONDS), spread(server, MICROSECONDS), ratio(sceau, server)];
  });
  const token = [
    ["the token's own time: asked at once again", spread(tokenNs.atOnce, MICROSECONDS)],
    ["… after a rest, as through the bridge", spread(tokenNs.rested, MICROSECONDS)],
  ];
  return [head, ...token, ...rows];
}

function roundTripRows({ roundTrips }: Benchmark): Row[] {
  const rows = SIGNATURE_OPERATIONS.map((operation) => {
    const { sceau, "p11-kit server": server } = roundTrips[operation];
    return [operation, String(sceau.rpcCalls), String(sceau.tokenCommands), String(server.rpcCalls)];
  });
  return [["round trips a signature", "ours: RPC", "ours: token", "p11-kit server: RPC"], ...rows];
}

/** Medians, with the quartiles in brackets. */
export function tables(benchmark: Benchmark): string {
  const { signatureNs, startNs, parallel, verified } = benchmark;
  const subjects = ["sceau", "SoftHSM2", "SoftHSM2 behind p11-kit server", "ours to SoftHSM2", "ours to p11-kit server"];
  const starts = START_CALLS.flatMap((call) => {
    const values = startNs[call];
    return values === undefined ? [] : [compared(call, values, MICROSECONDS)];
  });
  const signatures = SIGNATURE_OPERATIONS.map((operation) => compared(operation, signatureNs[operation], MICROSECONDS));
  const together = parallel.flatMap(({ connections, latencyNs, signaturesPerSecond }) => [
    compared(`sign, ${connections} connections: latency`, latencyNs, MICROSECONDS),
    compared(`sign, ${connections} connections: a second`, signaturesPerSecond, ONE),
  ]);
  return [
    lines([["median (quartiles), µs", ...subjects], ...starts, ...signatures, ...together]),
    lines(addedRows(benchmark)),
    lines(roundTripRows(benchmark)),
    `signatures verified by openssl: ${Object.entries(verified)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}\n`,
  ].join("\n");
}

export function aimsTable(aims: readonly Aim[]): string {
  const rows = aims.map(({ aim, isMet, ours, atMost }) => [isMet ? "met" : "NOT MET", aim, number(ours), number(atMost)]);
  return lines([["aim", "", "ours", "limit"], ...rows]);
}

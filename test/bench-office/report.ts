// The load as tables for people.

import type { LoadPlan, LoadResult } from "./office-load.ts";

export type Row = readonly string[];

/** 3 digits are enough: the rest is noise. */
export const number = (value: number): string => value.toLocaleString("en", { maximumSignificantDigits: 3 });
export const whole = (value: number): string => value.toLocaleString("en");

/** Columns, the first to the left, the others to the right. */
export function lines(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: Row): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return rows.map((cells) => `${line(cells).trimEnd()}\n`).join("");
}

export function tables(result: LoadResult, { requesters, requests }: Pick<LoadPlan, "requesters" | "requests">): string {
  const { steps, ocsp, judged, connections, errors, told } = result;
  const { database } = connections;
  const stepRows = steps.map(({ step, count, medianMs, p95Ms, maxMs }) => [step, whole(count), ...[medianMs, p95Ms, maxMs].map(number)]);
  const raceRows = ocsp.map(({ name, answersPerSecond, medianMs, p95Ms, errors: wrong }) => [
    name,
    ...[answersPerSecond, medianMs, p95Ms].map(number),
    whole(wrong),
  ]);
  const seconds = number(result.wallMs / 1000);
  return [
    `${requesters} requesters at once, ${requests} AUTH and ${requests} SIGN certificates each: ${whole(result.requests)} HTTP requests in ${seconds} s, ${number(result.requestsPerSecond)} a second; ${number(result.certificatesPerSecond)} certificates a second\n`,
    lines([["step, ms", "requests", "median", "95 %", "longest"], ...stepRows]),
    lines([["OCSP, each answer on a new connection", "a second", "median, ms", "95 %", "errors"], ...raceRows]),
    `connections at most: ${connections.http} of HTTP; ${database.open} to PostgreSQL, ${database.busy} of them busy, ${database.waiting} waiting for a lock\n` +
      `the simulated tokens' own time, in the same process as the requesters: ${number(result.tokenMs / 1000)} s\n`,
    `${whole(judged.certificates)} certificates, ${whole(judged.revocations)} revoked: tables, CRL and OCSP agree with what the requesters were told, unless it is said here\n` +
      `audit trail: ${whole(judged.auditEvents)} events, ${judged.isAuditTrailWhole ? "whole" : "NOT WHOLE"}\n`,
    `errors: ${errors}\n${told.map((each) => `  ${each}\n`).join("")}`,
  ].join("\n");
}

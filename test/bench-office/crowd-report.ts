// A crowd as tables for people.

import type { CrowdResult } from "./crowd.ts";
import { lines, number, whole } from "./report.ts";

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const TOLD_WAITS = 5;

export function crowdTables(result: CrowdResult): string {
  const { plan, steps, judged, database, lockWaits, processorSeconds, takenByOthers, errors, told } = result;
  const stepRows = steps.map(({ step, count, medianMs, p95Ms, maxMs }) => [step, whole(count), ...[medianMs, p95Ms, maxMs].map(number)]);
  const waitRows = lockWaits.slice(0, TOLD_WAITS).map(({ table, holder, share }) => [table, holder, percent(share)]);
  const { servers, crowd } = processorSeconds;
  return [
    `a crowd: ${plan.people} people at once, ${plan.verifiers} verifiers, ${plan.approvers} approvers, two servers; ${result.cutOff} lost their computers in the middle of the activation\n` +
      `from the first code to the last active certificate ${number(result.wallMs / 1000)} s, ${number(result.peoplePerMinute)} people a minute; ${whole(result.requests)} HTTP requests, ${number(result.requestsPerSecond)} a second\n`,
    lines([["step, ms", "times", "median", "95 %", "longest"], ...stepRows]),
    `processor: ${number(servers)} s both servers, ${number(crowd)} s the crowd and its simulated tokens\n` +
      `connections to PostgreSQL at most: ${database.open}, ${database.busy} of them busy, ${database.waiting} waiting for a lock\n`,
    lines([["waits for a lock on a row of", "whose holder is at", "share"], ...waitRows]),
    `taken by somebody quicker: ${takenByOthers.hours} appointments, ${takenByOthers.tasks} of the officers' tasks\n` +
      `${judged.activeCertificates} active certificates: ${judged.tokens} tokens, ${judged.keys} keys, ${judged.serialNumbers} serial numbers; ${whole(judged.mails)} mails; deadlocks: ${judged.deadlocks}\n` +
      `audit trail: ${whole(judged.auditEvents)} events, ${judged.isAuditTrailWhole ? "whole" : "NOT WHOLE"}\n`,
    `errors: ${errors}\n${told.map((each) => `  ${each}\n`).join("")}`,
  ].join("\n");
}

// npm run bench:office: an office on PostgreSQL, in two parts. The requests: 50 requesters at once, each with an attested token, from the challenge to the
// revocation. The crowd: 50 people at once, from the application to the active certificate, at two servers. Ends with 1 when anything went wrong.
//
//   npm run bench:office -- --requesters 50 --requests 4 --people 50 --json
//   npm run bench:office -- --only crowd
//   npm run bench:office -- --quick      to see that it works; its figures mean nothing

import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type CrowdResult, FULL_CROWD, QUICK_CROWD, runCrowd } from "./crowd.ts";
import { crowdTables } from "./crowd-report.ts";
import { CrowdedOffice } from "./crowded-office.ts";
import { LoadedOffice } from "./loaded-office.ts";
import { FULL, QUICK, runLoad } from "./office-load.ts";
import { tables } from "./report.ts";

/** An address may ask for 120 certificates in ten minutes (office/enrolment/enrolment-routes.ts). */
const MOST_REQUESTS = 100;
const MOST_REQUESTERS = 1000;
/** An hour of an appointment for each, at ten minutes and with twice as many as are needed (crowd.ts). */
const MOST_PEOPLE = 100;
const PARTS = ["requests", "crowd"] as const;

const { values } = parseArgs({
  options: {
    requesters: { type: "string" },
    requests: { type: "string" },
    people: { type: "string" },
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

function misused(): never {
  const counts = `--requesters: 1 to ${MOST_REQUESTERS}; --requests: 1 to ${MOST_REQUESTS}; --people: 1 to ${MOST_PEOPLE}`;
  process.stderr.write(`${counts}; --only: ${PARTS.join(" or ")}\n`);
  process.exit(2);
}

function count(text: string | undefined, otherwise: number, most: number): number {
  const value = text === undefined ? otherwise : Number(text);
  return Number.isSafeInteger(value) && value >= 1 && value <= most ? value : misused();
}

const base = values.quick ? QUICK : FULL;
const baseCrowd = values.quick ? QUICK_CROWD : FULL_CROWD;
const requesters = count(values.requesters, base.requesters, MOST_REQUESTERS);
const requests = count(values.requests, base.requests, MOST_REQUESTS);
const people = count(values.people, baseCrowd.people, MOST_PEOPLE);
const parts = PARTS.filter((part) => values.only === undefined || values.only === part);
if (parts.length === 0) misused();
const plan = { ...base, requesters, requests };
const machine = { node: process.version, processor: cpus()[0]?.model ?? "unknown", processors: cpus().length, load: loadavg()[0] ?? 0 };
const office = await LoadedOffice.open();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void office.close().finally(() => process.exit(1)));

async function crowd(): Promise<CrowdResult> {
  return runCrowd(await CrowdedOffice.over(office), { ...baseCrowd, people });
}

try {
  if (!values.json)
    process.stdout.write(`${machine.processors} × ${machine.processor}, Node ${machine.node}, load before: ${machine.load.toFixed(2)}\n`);
  const result = parts.includes("requests") ? await runLoad(office, plan) : null;
  if (result !== null && !values.json) process.stdout.write(`\n${tables(result, plan)}`);
  const crowded = parts.includes("crowd") ? await crowd() : null;
  if (crowded !== null && !values.json) process.stdout.write(`\n${crowdTables(crowded)}`);
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, plan, ...result, crowd: crowded }, null, 2)}\n`);
  if ((result?.errors ?? 0) + (crowded?.errors ?? 0) > 0) process.exitCode = 1;
} finally {
  await office.close();
}

// npm run bench:office: an office on PostgreSQL with 50 requesters at once, each with an attested token: from the challenge to the revocation. Ends with 1
// when anything went wrong.
//
//   npm run bench:office -- --requesters 50 --requests 4 --json
//   npm run bench:office -- --quick      to see that it works; its figures mean nothing

import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { LoadedOffice } from "./loaded-office.ts";
import { FULL, QUICK, runLoad } from "./office-load.ts";
import { tables } from "./report.ts";

/** An address may ask for 120 certificates in ten minutes (office/enrolment/enrolment-routes.ts). */
const MOST_REQUESTS = 100;
const MOST_REQUESTERS = 1000;

const { values } = parseArgs({
  options: {
    requesters: { type: "string" },
    requests: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

function count(text: string | undefined, otherwise: number, most: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  process.stderr.write(`--requesters: 1 to ${MOST_REQUESTERS}; --requests: 1 to ${MOST_REQUESTS}\n`);
  process.exit(2);
}

const base = values.quick ? QUICK : FULL;
const requesters = count(values.requesters, base.requesters, MOST_REQUESTERS);
const requests = count(values.requests, base.requests, MOST_REQUESTS);
const plan = { ...base, requesters, requests };
const machine = { node: process.version, processor: cpus()[0]?.model ?? "unknown", processors: cpus().length, load: loadavg()[0] ?? 0 };
const office = await LoadedOffice.open();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void office.close().finally(() => process.exit(1)));
try {
  const result = await runLoad(office, plan);
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, plan, ...result }, null, 2)}\n`);
  else
    process.stdout.write(
      `${machine.processors} × ${machine.processor}, Node ${machine.node}, load before: ${machine.load.toFixed(2)}\n\n${tables(result, plan)}`,
    );
  if (result.errors > 0) process.exitCode = 1;
} finally {
  await office.close();
}

// npm run bench: what a signature costs through our bridge, in SoftHSM2, and in SoftHSM2 behind p11-kit's server, side by side; then what an APDU and a
// signature take on each way to a token: RPC, PC/SC, USB in a guest.
//
//   npm run bench -- --only ways  or signatures
//   npm run bench -- --no-guest
//   npm run bench -- --json
//   npm run bench -- --quick      to see that it works; its figures mean nothing

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measure } from "./benchmark.ts";
import { FULL, QUICK } from "./plan.ts";
import { Programs } from "./programs.ts";
import { aimsOf, aimsTable, tables } from "./report.ts";
import { memoryFolder, Subjects } from "./subjects.ts";
import type { Ways } from "./ways.ts";
import { waysInGuest } from "./ways-guest.ts";
import { waysHere } from "./ways-here.ts";
import { aimsOfWays, waysTables } from "./ways-report.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    guest: { type: "boolean" },
    only: { type: "string", default: "all" },
  },
});
if (!["all", "ways", "signatures"].includes(values.only)) throw new Error("--only ways, or --only signatures");
const plan = values.quick ? QUICK : FULL;
/** A guest alone takes longer than all the rest of a quick run. */
const hasGuest = values.guest ?? !values.quick;
process.env["TMPDIR"] = memoryFolder();
const subjects = await Subjects.open();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void subjects.close().then(() => process.exit(1)));

async function measureWays(programs: Programs): Promise<Ways> {
  const here = await waysHere(programs, subjects, plan.ways);
  if (!hasGuest) return { ways: here.ways, skipped: [...here.skipped, "USB, in the guest: not asked for"] };
  const guest = await waysInGuest(programs, subjects, plan.ways);
  return { ways: [...here.ways, ...guest.ways], skipped: [...here.skipped, ...guest.skipped] };
}

try {
  const programs = new Programs(subjects.folder);
  const benchmark = values.only === "ways" ? null : await measure(subjects, programs, plan);
  const ways = values.only === "signatures" ? null : await measureWays(programs);
  const machine = { node: process.version, processor: cpus()[0]?.model ?? "unknown", processors: cpus().length };
  const aims = [...(benchmark === null ? [] : aimsOf(benchmark)), ...(ways === null ? [] : aimsOfWays(ways))];
  const parts = [
    `${machine.processors} × ${machine.processor}, Node ${machine.node}\n`,
    ...(benchmark === null ? [] : [tables(benchmark)]),
    ...(ways === null ? [] : [waysTables(ways)]),
    aimsTable(aims),
  ];
  const told = values.json ? `${JSON.stringify({ machine, plan, ...benchmark, ...ways, aims }, null, 2)}\n` : parts.join("\n");
  process.stdout.write(told);
} finally {
  await subjects.close();
}

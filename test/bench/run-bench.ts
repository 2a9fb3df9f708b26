// npm run bench: what a signature costs through our bridge, in SoftHSM2, and in SoftHSM2 behind p11-kit's server, side by side.
//
//   npm run bench -- --json
//   npm run bench -- --quick      to see that it works; its figures mean nothing

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measure } from "./benchmark.ts";
import { FULL, QUICK } from "./plan.ts";
import { Programs } from "./programs.ts";
import { aimsOf, tables } from "./report.ts";
import { Subjects } from "./subjects.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } } });
const plan = values.quick ? QUICK : FULL;
const subjects = await Subjects.open();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void subjects.close().then(() => process.exit(1)));
try {
  const benchmark = await measure(subjects, new Programs(subjects.folder), plan);
  const machine = { node: process.version, processor: cpus()[0]?.model ?? "unknown", processors: cpus().length };
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, plan, ...benchmark, aims: aimsOf(benchmark) }, null, 2)}\n`);
  else process.stdout.write(`${machine.processors} × ${machine.processor}, Node ${machine.node}\n\n${tables(benchmark)}`);
} finally {
  await subjects.close();
}

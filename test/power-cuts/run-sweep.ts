// npm run sweep: cuts the power after every flash operation, and inside each, of every command in every scenario. Ends with 1 when a cut failed.
//
//   npm run sweep -- --only "CHANGE PIN" --seed 5 --json

import { parseArgs } from "node:util";
import { SCENARIOS, variantsOf } from "./scenarios.ts";
import { type SweepResult, sweep } from "./sweep.ts";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, seed: { type: "string", default: "1" }, json: { type: "boolean", default: false } },
});
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed)) {
  process.stderr.write("--seed: a whole number\n");
  process.exit(2);
}

const isTerminal = process.stderr.isTTY === true;
const results: SweepResult[] = [];

function sum(of: (result: SweepResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0);
}

function tell(result: SweepResult): void {
  if (values.json) return;
  const told = [result.name.padEnd(66), `${result.cuts}`.padStart(7), "cuts", `${result.failed}`.padStart(5), "failed"];
  process.stdout.write(`${told.join(" ")}\n`);
  for (const failure of result.failures) process.stdout.write(`    ${failure}\n`);
}

for (const scenario of SCENARIOS) {
  if (!scenario.name.includes(values.only)) continue;
  for (const variant of variantsOf(scenario)) {
    if (isTerminal) process.stderr.write(`\r\x1b[K${sum((result) => result.cuts)} cuts; ${variant.name}`);
    const result = sweep(variant, { seed, cutsAScenario: Number.POSITIVE_INFINITY, secondCuts: 2, oneLifeIn: 200 });
    results.push(result);
    if (isTerminal) process.stderr.write("\r\x1b[K");
    tell(result);
  }
}

const total = {
  seed,
  scenarios: results.length,
  cuts: sum((result) => result.cuts),
  secondCuts: sum((result) => result.secondCuts),
  lives: sum((result) => result.lives),
  failed: sum((result) => result.failed),
};
if (values.json) process.stdout.write(`${JSON.stringify({ ...total, results }, null, 2)}\n`);
else {
  process.stdout.write(
    `${total.scenarios} scenarios, ${total.cuts} cuts tried (${total.secondCuts} of them in a recovery), ${total.lives} lives afterwards: ${total.failed} failed\n`,
  );
}
if (total.failed > 0 || total.scenarios === 0) process.exitCode = 1;

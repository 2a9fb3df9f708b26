// npm run fuzz: mutated APDUs and packets for a while. Prints what was met and what was found; ends with 1 when something was.
//
//   npm run fuzz -- --seconds 60 --seed 5

import { parseArgs } from "node:util";
import { ApduFuzzer } from "./apdu-fuzzer.ts";
import type { FoundInSession } from "./finding.ts";
import { PacketFuzzer } from "./packet-fuzzer.ts";

/** The second half of a run may not keep more than this: what a fuzzer has learnt, and the noise of the garbage collector. */
const HEAP_GROWTH_BYTES = 32 << 20;
const MOST_FINDINGS = 10;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now() % 1000000) } },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write("--seconds: more than 0; --seed: a whole number\n");
  process.exit(2);
}

const apdus = new ApduFuzzer(seed);
const packets = new PacketFuzzer(seed);
const findings: FoundInSession[] = [];
const known = new Set<string>();
let sessions = 0;

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function runUntil(deadlineMs: number): void {
  while (performance.now() < deadlineMs && findings.length < MOST_FINDINGS) {
    const found = (sessions++ % 4 === 0 ? packets : apdus).session(known);
    if (found === null) continue;
    known.add(found.why);
    findings.push(found);
  }
}

/** By instruction: the answers met, and in how many states. */
function printMet(): void {
  const byInstruction = new Map<string, Set<string>>();
  const states = new Set<string>();
  for (const key of apdus.seen.keys()) {
    const [state = "", ins = "", sw = ""] = key.split("|");
    states.add(state);
    byInstruction.set(ins, (byInstruction.get(ins) ?? new Set()).add(sw));
  }
  for (const [ins, answers] of [...byInstruction].sort()) process.stdout.write(`  ${ins.padEnd(6)} ${[...answers].sort().join(" ")}\n`);
  process.stdout.write(
    `${apdus.seen.size} triples of state, instruction and answer, in ${states.size} states: ${[...states].sort().join("; ")}\n`,
  );
  process.stdout.write(`packets were answered by: ${[...packets.seen.keys()].sort().join("; ")}\n`);
}

process.stdout.write(`seed ${seed}, ${seconds} s\n`);
const startMs = performance.now();
runUntil(startMs + seconds * 500);
const halfway = heapBytes();
runUntil(startMs + seconds * 1000);
const growth = heapBytes() - halfway;
const tookSeconds = (performance.now() - startMs) / 1000;

printMet();
const rate = Math.round((apdus.executions + packets.executions) / tookSeconds);
process.stdout.write(`${sessions} sessions, ${apdus.executions} APDUs, ${packets.executions} packets, ${rate} a second\n`);
const heapTold = `heap after half the time ${(halfway / 2 ** 20).toFixed(0)} MB, at the end ${growth < 0 ? "" : "+"}${(growth / 2 ** 20).toFixed(1)} MB`;
process.stdout.write(`${globalThis.gc === undefined ? "heap not measured (node --expose-gc)" : heapTold}\n`);
for (const { start, why, steps } of findings)
  process.stdout.write(`FOUND ${why}\n  token: ${start}\n${steps.map((step) => `  ${step}\n`).join("")}`);
const isLeaking = globalThis.gc !== undefined && growth > HEAP_GROWTH_BYTES;
if (isLeaking) process.stdout.write("FOUND the heap grows\n");
process.stdout.write(`${findings.length + (isLeaking ? 1 : 0)} found\n`);
if (findings.length > 0 || isLeaking) process.exitCode = 1;

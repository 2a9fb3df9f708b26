// npm run bench:kernel: what the kernel's operations cost, in instructions under qemu-arm, beside what others are known to need. An instruction is no cycle:
// of the kernel's, the greater part takes one on a Cortex-M4, loads and taken branches up to three.
//
//   npm run bench:kernel -- --json

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { p256 } from "@noble/curves/nist.js";
import { KERNEL_BASE64, KERNEL_SHA256 } from "../../firmware/p256/kernel-blob.ts";
import { KERNEL_BUDGET_BYTES } from "../../hardware/build-kernel.ts";
import { type KernelOrder, KernelProcess, kernelPrograms, type OPERATIONS } from "./kernel-process.ts";

/** Of one signature attempt. */
const AIM_INSTRUCTIONS = 1_000_000;
const RUNS = 50;
/** r is taken from 2^247 to 2^255 of 2^256, the lesser one of s and n - s from 2^247 on. */
const MEAN_ATTEMPTS = (512 / 255) * (256 / 255);
const KNOWN = [
  { what: "p256-m, C, one signature", count: 9_470_000, unit: "instructions", source: "field-notes.md, measured" },
  { what: "p256-cm4, assembler, one signature", count: 442_754, unit: "cycles", source: "its README" },
] as const;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const blob = new Uint8Array(Buffer.from(KERNEL_BASE64, "base64"));
const folder = mkdtempSync(join(tmpdir(), "sceau-kernel-bench-"));

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const pointOf = (key: Uint8Array): Uint8Array => p256.getPublicKey(key, false).subarray(1);

function orderOf(operation: keyof typeof OPERATIONS): KernelOrder {
  const key = p256.utils.randomSecretKey();
  const data = random(32);
  if (operation === "aes") return { key: random(16), data: random(16) };
  if (operation === "verify") return { point: pointOf(key), data, signature: p256.sign(data, key, { prehash: false }) };
  return { key, point: operation === "sharedSecret" ? pointOf(p256.utils.randomSecretKey()) : pointOf(key), data };
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
const mean = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0) / all.length;

interface SignatureCost {
  /** With the check, when the first nonce is taken. */
  readonly one: number;
  /** What each nonce costs that is not. */
  readonly further: number;
  readonly expected: number;
}

/** Of signatures of which some took more attempts than one. */
function signatureCost(counts: readonly number[], attempts: readonly number[]): SignatureCost {
  const one = mean(counts.filter((_, i) => attempts[i] === 1));
  const extra = attempts.reduce((sum, each) => sum + each - 1, 0);
  const further = counts.reduce((sum, count) => sum + count - one, 0) / extra;
  return { one: Math.round(one), further: Math.round(further), expected: Math.round(one + (MEAN_ATTEMPTS - 1) * further) };
}

try {
  const programs = kernelPrograms(folder);
  const rows = [];
  for (const operation of ["publicKey", "signAttempt", "sign", "verify", "sharedSecret", "sha256", "hmac", "aes"] as const) {
    const kernel = new KernelProcess(programs, folder, blob, { trace: "count" });
    const attempts: number[] = [];
    for (let i = 0; i < RUNS; i++) attempts.push((await kernel.call(operation, orderOf(operation))).attempt);
    const counts = (await kernel.end()).map(({ instructions }) => instructions);
    rows.push({
      operation,
      median: median(counts),
      mean: Math.round(mean(counts)),
      least: Math.min(...counts),
      most: Math.max(...counts),
      ...(operation === "sign" && { meanAttempts: mean(attempts), cost: signatureCost(counts, attempts) }),
    });
  }
  const attempt = rows.find(({ operation }) => operation === "signAttempt")?.median ?? 0;
  const figures = {
    blob: { bytes: blob.length, budget: KERNEL_BUDGET_BYTES, sha256: KERNEL_SHA256 },
    runs: RUNS,
    rows,
    known: KNOWN,
    aim: { of: "signAttempt", instructions: AIM_INSTRUCTIONS, isMet: attempt <= AIM_INSTRUCTIONS },
  };
  if (values.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  else {
    const number = (value: number): string => value.toLocaleString("en").padStart(11);
    const lines = rows.map(
      (row) => `${row.operation.padEnd(14)}${number(row.median)}${number(row.mean)}${number(row.least)}${number(row.most)}`,
    );
    const header = `${"instructions".padEnd(14)}${["median", "mean", "least", "most"].map((each) => each.padStart(11)).join("")}`;
    const known = KNOWN.map(({ what, count, unit, source }) => `${what}: ${count.toLocaleString("en")} ${unit} (${source})`);
    const sign = rows.find(({ operation }) => operation === "sign");
    const { one = 0, further = 0, expected = 0 } = sign?.cost ?? {};
    process.stdout.write(
      `${[
        `${blob.length} bytes of ${KERNEL_BUDGET_BYTES}, ${RUNS} runs each`,
        header,
        ...lines,
        `sign: ${sign?.meanAttempts?.toFixed(2)} attempts in these runs`,
        `sign: ${one.toLocaleString("en")} with its check, ${further.toLocaleString("en")} for each further attempt: ${expected.toLocaleString("en")} with ${MEAN_ATTEMPTS.toFixed(2)} attempts`,
        `one attempt: ${attempt.toLocaleString("en")} of ${AIM_INSTRUCTIONS.toLocaleString("en")}${figures.aim.isMet ? "" : ": MISSED"}; p256-m needs ${(9_470_000 / attempt).toFixed(1)} times as many`,
        ...known,
      ].join("\n")}\n`,
    );
  }
  if (!figures.aim.isMet) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

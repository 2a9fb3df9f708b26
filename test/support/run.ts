// Runs another program: the outside judges, and the program `sceau` itself as it was built.

import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { CHECKOUT } from "../../cli/checkout.ts";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of the sources, also when this runs as it was built. */
export const ROOT = CHECKOUT;
/**
 * `node` for the program as it was built. Like the tests themselves (vitest.config.ts) it compiles PGlite once, not a second time with much care; and under
 * Vitest its own code neither: a process that ends soon spends more on that than it gains (a benchmark's does not end soon).
 */
export const NODE_FLAGS = ["--liftoff-only", ...(process.env["VITEST"] === undefined ? [] : ["--no-opt"])];
/** The program, as it was built: `bundled-program.ts` puts it into few files. Outside of Vitest, as it is. */
export const SCEAU = resolve(CHECKOUT, process.env["SCEAU_PROGRAM"] ?? join("cli", "sceau.mjs"));
const TIME_LIMIT_MS = 60_000;

/** @throws when the program is not on this machine: a judge that is missing is a failure, never a skip */
export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}): Outcome {
  const env = { ...process.env, LC_ALL: "C.UTF-8", ...options.env };
  const result = spawnSync(program, [...args], { timeout: TIME_LIMIT_MS, ...options, env, encoding: "utf8" });
  if (result.error) throw new Error(`${program} could not be run (npm test installs it): ${result.error.message}`);
  return { status: result.status, stdout: String(result.stdout), stderr: String(result.stderr) };
}

/** Like `run`, for what must succeed. The answer is its output. */
export function mustRun(program: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const outcome = run(program, args, options);
  if (outcome.status !== 0) throw new Error(`${program} ${args.join(" ")} → ${outcome.status}\n${outcome.stdout}${outcome.stderr}`);
  return outcome.stdout;
}

export function sceau(args: readonly string[], options: SpawnSyncOptions = {}): Outcome {
  return run(process.execPath, [...NODE_FLAGS, SCEAU, ...args], options);
}

// The tour's other processes: `sceau sim`, `sceau bridge` and `sceau office`, as anybody would start them. PKCS#11 calls block a process, so the bridge
// must be another one.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CHECKOUT } from "../checkout.ts";
import { RUN_VARIABLE, type StateFolder } from "../state-folder.ts";

const PROGRAM = join(CHECKOUT, "cli", "sceau.mjs");
/** With the options that this process was started with. */
const NODE = [process.execPath, ...process.execArgv];
/** An office fills its first demonstration meanwhile. */
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 3000;

export interface Child {
  stop(): Promise<void>;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}

export interface ChildOptions {
  /** What to put before the command: a program that becomes it. */
  readonly launcher?: readonly string[];
  /** Where `sceau` is; absent: this checkout's. */
  readonly program?: string;
}

/** Starts `sceau …args --json` and waits until it has told all of `events`. The answer holds what it told of each. */
export async function startChild(
  state: StateFolder,
  args: readonly string[],
  events: readonly string[],
  { launcher = [], program: sceau = PROGRAM }: ChildOptions = {},
): Promise<Child & { told: Map<string, unknown> }> {
  const [program = process.execPath, ...command] = [...launcher, ...NODE, sceau, ...args, "--json", "--state", state.root];
  const child = spawn(program, command, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, [RUN_VARIABLE]: state.runName },
  });
  const told = new Map<string, unknown>();
  let errors = "";
  child.stderr.on("data", (bytes) => {
    errors += String(bytes);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`sceau ${args.join(" ")} did not start in time`)), START_LIMIT_MS);
      child.once("exit", (code) => reject(new Error(`sceau ${args.join(" ")} ended with ${code}: ${errors.trim()}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const value = JSON.parse(line) as { event: string };
        told.set(value.event, value);
        if (events.every((event) => told.has(event))) {
          clearTimeout(timer);
          resolve();
        }
      });
    });
  } catch (error) {
    await stop(child);
    throw error;
  }
  return { told, stop: () => stop(child) };
}

// Another program that runs while a test does: a server, an agent. It ends with the test, even when the test is killed.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const START_LIMIT_MS = 10_000;

export interface Background {
  /** What it has written so far, to stdout and stderr. */
  output(): string;
  /** Waits until it has written that. @throws when it ends before, or takes too long */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

export function startInBackground(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Background {
  const child = spawn("setpriv", ["--pdeathsig", "SIGTERM", program, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  const exit = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (output += String(bytes)));

  const waitFor = async (pattern: RegExp): Promise<RegExpExecArray> => {
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      const found = pattern.exec(output);
      if (found !== null) return found;
      const left = deadline - Date.now();
      if (hasEnded(child) || left < 0) throw new Error(`${program} did not write ${pattern}: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  const stop = async (): Promise<void> => {
    if (!hasEnded(child)) child.kill("SIGTERM");
    await exit;
  };

  return { output: () => output, waitFor, stop };
}

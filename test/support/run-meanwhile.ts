// Runs another program while the test's own servers answer it: `run` would hold them up.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Outcome } from "./run.ts";

const TIME_LIMIT_MS = 60_000;

export async function runMeanwhile(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn(program, [...args], { env, stdio: ["ignore", "pipe", "pipe"], timeout: TIME_LIMIT_MS });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const [status] = (await once(child, "close")) as [number | null];
  return { status, ...written };
}

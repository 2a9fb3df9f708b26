// A program that goes on in the background: `sceau sim`, `sceau bridge`, `p11-kit server`, as anybody would start them.

import { spawn } from "node:child_process";
import { once } from "node:events";

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 3000;

export interface Daemon {
  stop(): Promise<void>;
}

/** Waits until the program has printed what matches `ready`. @throws when it ends before, or takes too long */
export async function startDaemon(program: string, args: readonly string[], env: NodeJS.ProcessEnv, ready: RegExp): Promise<Daemon> {
  const child = spawn(program, [...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await exited;
    clearTimeout(timer);
  };
  const failed = (): Error => new Error(`${program} ${args.join(" ")} did not start: ${output}`);
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(failed()), START_LIMIT_MS);
      child.once("error", reject);
      child.once("exit", () => reject(failed()));
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (bytes) => {
          output += String(bytes);
          if (!ready.test(output)) return;
          output = "";
          clearTimeout(timer);
          resolve();
        });
      }
    });
  } catch (error) {
    if (child.pid !== undefined && child.exitCode === null) await stop();
    throw error;
  }
  return { stop };
}

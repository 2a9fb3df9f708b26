// A question to a program of the system (systemctl, ip), found as the user's shell would find it. It is asked for what it shows and told to change nothing.

import { spawnSync } from "node:child_process";
import type { Place } from "./place.ts";

const TIME_LIMIT_MS = 3000;

export interface Told {
  readonly status: number;
  readonly text: string;
}

/** @returns null: it is not installed, or did not answer in time */
export function askProgram({ environment }: Place, program: string, words: readonly string[]): Told | null {
  // In one language, whatever the user's: what it says is read here, not shown.
  const { status, stdout } = spawnSync(program, words, { env: { ...environment, LC_ALL: "C" }, encoding: "utf8", timeout: TIME_LIMIT_MS });
  return status === null ? null : { status, text: stdout };
}

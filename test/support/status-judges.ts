// The outside judges of the status service, as processes. They ask a server of this process, so nothing here may wait for them synchronously.

import { execFile } from "node:child_process";
import type { Outcome } from "./run.ts";

const TIME_LIMIT_MS = 30_000;

/** @throws when the program is not on this machine: a judge that is missing is a failure, never a skip */
export function ask(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIME_LIMIT_MS, env: { ...process.env, LC_ALL: "C.UTF-8", ...env }, maxBuffer: 1 << 24 };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") reject(new Error(`${program} is not on this machine (npm test installs it)`));
      else resolve({ status: error === null ? 0 : typeof error.code === "number" ? error.code : null, stdout, stderr });
    });
  });
}

/** `openssl ocsp`: what it says, on both of its outputs. */
export async function opensslOcsp(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await ask("openssl", ["ocsp", ...args]);
  return stdout + stderr;
}

export interface CurlAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** curl, its headers and, in `out`, the body. */
export async function curl(address: string, out: string, more: readonly string[] = []): Promise<CurlAnswer> {
  const { status, stdout, stderr } = await ask("curl", ["-sS", "--path-as-is", "-D", "-", "-o", out, ...more, address]);
  if (status !== 0) throw new Error(`curl: ${stderr}`);
  const [first = "", ...lines] = stdout.trim().split("\r\n");
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()] as const);
  return { status: Number(first.split(" ")[1]), headers: new Map(headers) };
}

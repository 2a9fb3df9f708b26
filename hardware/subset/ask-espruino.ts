// Asks a built Espruino interpreter, where the environment variable ESPRUINO names one; no package holds it.

import { execFile } from "node:child_process";

export const ESPRUINO: string | undefined = process.env["ESPRUINO"];

const TIMEOUT_MS = 20_000;

/** All that the interpreter prints; it may refuse the script, or crash, and says so there. */
export function askEspruino(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(ESPRUINO ?? "", ["-e", script], { encoding: "utf8", timeout: TIMEOUT_MS }, (error, stdout) => {
      if (error !== null && "code" in error && error.code === "ENOENT") reject(error);
      else resolve(stdout);
    });
  });
}

// Other programs that a command starts.

import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a program, found as a shell finds it. null: it is not there, or may not be run */
export function findProgram(name: string, environment: NodeJS.ProcessEnv): string | null {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = name.includes("/") ? [resolve(name)] : folders.map((folder) => join(folder, name));
  return candidates.find(isExecutable) ?? null;
}

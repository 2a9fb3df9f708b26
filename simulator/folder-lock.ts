// The lock of a token's folder: one simulator at a time has its flash.

import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AlreadyPluggedInError } from "./already-plugged-in.ts";

const LOCK_FILE = "lock";
const ATTEMPTS = 5;
/** A lock that is empty for longer was left by a simulator that was killed before it wrote its name. */
const WRITING_LIMIT_MS = 2000;

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** When a process was started, in ticks since the system was (proc(5)): tells it from a later one of the same number. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return ""; // no such process, or no /proc on this system
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** Whether the simulator that wrote `holder` («pid start») is still there. */
function isHeldBy(holder: string): boolean {
  const match = /^(\d+) (\d*)\n$/.exec(holder);
  if (match === null) return false;
  const pid = Number(match[1]);
  return pid > 0 && isAlive(pid) && startOf(pid) === match[2];
}

/** What stands in the lock; null: there is none. */
function holderIn(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

function isBeingWritten(path: string): boolean {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < WRITING_LIMIT_MS;
}

/** Moves a stale lock away. When another simulator has taken it over meanwhile, its lock is put back. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return; // another one was faster
    throw error;
  }
  if (holderIn(aside) === stale) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

/** Giving back twice must not take the lock of whoever came in between. */
function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/**
 * Takes the folder; a lock whose process is gone is taken over. The answer gives it back.
 * @throws AlreadyPluggedInError
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      writeFileSync(path, mine, { mode: 0o600, flag: "wx" });
      return once(() => rmSync(path, { force: true }));
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const holder = holderIn(path);
    if (holder === null) continue; // given back just now
    if (isHeldBy(holder) || (holder === "" && isBeingWritten(path))) throw new AlreadyPluggedInError(folder);
    removeStale(path, holder);
  }
  throw new AlreadyPluggedInError(folder);
}

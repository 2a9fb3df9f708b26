// Folders of a run that may be killed: each is named after its process, and the next run removes those whose process is no more.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // EPERM: somebody else's
  }
}

/**
 * A new folder in `parent`, for this process. What ended processes of this user left there goes.
 * @param prefix sceau-guest-
 */
export function ownFolder(parent: string, prefix: string): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent).filter((other) => other.startsWith(prefix))) {
    const [, pid] = /^(\d+)-/.exec(name.slice(prefix.length)) ?? [];
    const path = join(parent, name);
    const isMine = statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (pid !== undefined && isMine && !isRunning(Number(pid))) rmSync(path, { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${prefix}${process.pid}-`));
}
